"""Writes down what came of a round of requests: attempts, deliveries, and how the destination stands. One transaction.

`retry.decide` says what to do; here it is done. A delivery is touched only while we still own it: one whose lease
ran out meanwhile belongs to somebody else, and only its attempt is recorded.
"""

import datetime as dt
import random
from dataclasses import dataclass

from django.db import transaction

from sessions_app.forwarding.frozen import halve
from sessions_app.forwarding.outbox import window_h
from sessions_app.forwarding.retry import Action, Answer, Breaker, Decision, Health, Moment, Work, after, decide
from sessions_app.models import Attempt, Delivery, Destination
from sessions_app.models.clock import database_now
from sessions_app.models.forwarding import DeliveryStatus

FIELDS = (
    "status", "indexes", "rest", "event_count", "body", "source_request_id", "attempts", "next_attempt_at",
    "lease_until", "owner", "finished_at", "last_status", "last_error",
)  # fmt: skip
DESTINATION_FIELDS = (
    "circuit", "failures_in_a_row", "not_before", "concurrency", "held_reason", "last_error",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """A delivery as it was sent, and the answer; `cannot_be_made` when there was nothing to send."""

    delivery: int
    answer: Answer
    cannot_be_made: bool = False


def write_down(destination: int, owner: str, outcomes: list[Outcome]) -> None:
    with transaction.atomic():
        feed = Destination.objects.select_for_update().get(pk=destination)
        now = database_now()
        wanted = [outcome.delivery for outcome in outcomes]
        # Rows may be gone: an erasure takes them out while they are under way.
        there = {row.pk: row for row in Delivery.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
        rows = {pk: row for pk, row in there.items() if row.owner == owner and row.status == DeliveryStatus.SENDING}
        decisions = []
        for outcome in outcomes:
            if row := rows.get(outcome.delivery):
                decision = decided(row, outcome, now)
                # What was never sent says nothing about the destination.
                if not outcome.cannot_be_made:
                    decisions.append((decision, outcome.answer))
                carry_out(row, decision, outcome.answer, now)
        Delivery.objects.bulk_update(rows.values(), FIELDS)
        made = [outcome for outcome in outcomes if outcome.delivery in there and not outcome.cannot_be_made]
        Attempt.objects.bulk_create(attempt_of(outcome, now) for outcome in made)
        judge(feed, decisions, now)


def decided(row: Delivery, outcome: Outcome, now: dt.datetime) -> Decision:
    if outcome.cannot_be_made:
        return given_up(outcome.answer.error)
    work = Work(row.attempts, max(1, len(row.indexes)), row.created_at)
    moment = Moment(now, random.random(), dt.timedelta(hours=window_h()))  # noqa: S311
    return decide(work, outcome.answer, moment)


def given_up(reason: str) -> Decision:
    return Decision(Action.GIVE_UP, Health.UNKNOWN, reason)


def carry_out(row: Delivery, decision: Decision, answer: Answer, now: dt.datetime) -> None:
    row.owner, row.lease_until = "", None
    row.last_status, row.last_error = answer.status, decision.reason
    row.status, row.next_attempt_at = DeliveryStatus.DUE, now
    match decision.action:
        case Action.SENT:
            finish_part(row, DeliveryStatus.SENT, now)
        case Action.GIVE_UP:
            finish_part(row, DeliveryStatus.DEAD, now)
        case Action.AGAIN:
            row.next_attempt_at = now + dt.timedelta(seconds=decision.wait_s)
        case Action.HOLD:
            # Refused for its key, not for itself: the try does not count against the batch.
            row.attempts -= 1
        case Action.SPLIT:
            halve(row)
            row.attempts = 0


def finish_part(row: Delivery, status: DeliveryStatus, now: dt.datetime) -> None:
    """The part is done with. If others follow it gets a row of its own, and this one goes on with the next."""
    # What was accepted need not be kept twice; what was given up may be tried again byte for byte.
    body = None if status == DeliveryStatus.SENT else row.body
    if not row.rest:
        row.status, row.finished_at, row.body = status, now, body
        return
    Delivery.objects.create(
        destination_id=row.destination_id, raw_batch_id=row.raw_batch_id, indexes=row.indexes,
        event_count=len(row.indexes), lane=row.lane, status=status, source_request_id=row.source_request_id,
        body=body, attempts=row.attempts, next_attempt_at=now, created_at=row.created_at, finished_at=now,
        last_status=row.last_status, last_error=row.last_error,
    )  # fmt: skip
    row.event_count = max(0, row.event_count - len(row.indexes))
    row.indexes, *row.rest = row.rest
    row.body, row.source_request_id, row.attempts = None, "", 0


def attempt_of(outcome: Outcome, now: dt.datetime) -> Attempt:
    answer = outcome.answer
    return Attempt(
        delivery_id=outcome.delivery,
        at=now - dt.timedelta(milliseconds=answer.took_ms),
        status=answer.status,
        took_ms=answer.took_ms,
        error=answer.error,
        answer=answer.text,
    )


def judge(feed: Destination, decisions: list[tuple[Decision, Answer]], now: dt.datetime) -> None:
    """How the destination stands after these answers."""
    breaker = Breaker(feed.circuit, feed.failures_in_a_row, feed.not_before, feed.concurrency)
    for decision, answer in decisions:
        breaker = after(breaker, decision, answer, now)
        if decision.held_reason:
            feed.held_reason = decision.held_reason
        if decision.reason and decision.action is not Action.SENT:
            feed.last_error = decision.reason
    feed.circuit, feed.failures_in_a_row = breaker.circuit, breaker.failures_in_a_row
    feed.not_before, feed.concurrency = breaker.not_before, breaker.concurrency
    feed.save(update_fields=DESTINATION_FIELDS)
