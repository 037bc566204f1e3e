"""What the forwarding page counts for destinations and inputs, each in one query whatever their number."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Sum

from sessions_app.models import IngestCount, Workspace


@dataclass(frozen=True)
class Range:
    """How far back the page looks and how wide one point of a chart is."""

    name: str
    label: str
    back: dt.timedelta
    step: dt.timedelta

    @property
    def words(self) -> str:
        """After "the last": hour, 24 hours, 7 days."""
        return self.label.removeprefix("1 ")


RANGES = {
    one.name: one
    for one in (
        Range("1h", "1 hour", dt.timedelta(hours=1), dt.timedelta(minutes=1)),
        Range("24h", "24 hours", dt.timedelta(days=1), dt.timedelta(minutes=15)),
        Range("7d", "7 days", dt.timedelta(days=7), dt.timedelta(hours=2)),
    )
}

# Requests of each destination by step: events taken, requests refused or lost, how long they took.
SERIES = """
SELECT delivery.destination_id, floor(extract(epoch FROM attempt.at - %(since)s) / %(step_s)s)::int AS step,
    coalesce(sum(delivery.event_count) FILTER (WHERE attempt.status BETWEEN 200 AND 299), 0)::bigint AS sent,
    count(*) AS tries,
    count(*) FILTER (WHERE attempt.status IS NULL OR attempt.status NOT BETWEEN 200 AND 299) AS failed,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY attempt.took_ms) AS p50,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY attempt.took_ms) AS p95
FROM sessions_app_attempt attempt JOIN sessions_app_delivery delivery ON delivery.id = attempt.delivery_id
WHERE delivery.destination_id = ANY(%(destinations)s) AND attempt.at >= %(since)s
GROUP BY delivery.destination_id, step
"""
TOTALS = """
SELECT delivery.destination_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY attempt.took_ms),
    percentile_disc(0.95) WITHIN GROUP (ORDER BY attempt.took_ms),
    max(attempt.at) FILTER (WHERE attempt.status BETWEEN 200 AND 299),
    max(attempt.at) FILTER (WHERE attempt.status IS NULL OR attempt.status NOT BETWEEN 200 AND 299), min(attempt.at)
FROM sessions_app_attempt attempt JOIN sessions_app_delivery delivery ON delivery.id = attempt.delivery_id
WHERE delivery.destination_id = ANY(%(destinations)s) AND attempt.at >= %(since)s
GROUP BY delivery.destination_id
"""
# How long events were on their way, by input. The newest events of its newest sessions speak for an input, so that the
# cost is bounded however much is stored: both indexes are read from their ends.
DELAYS = """
WITH newest AS (
    SELECT id, session_day, input_id, row_number() OVER (PARTITION BY input_id ORDER BY id DESC) AS place
    FROM (SELECT id, session_day, input_id, last_received_at FROM sessions_app_mediasession
          WHERE workspace_id = %(workspace)s ORDER BY id DESC LIMIT %(sessions)s) looked_at
    WHERE last_received_at >= %(since)s)
SELECT newest.input_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY event.received_at_ms - event.at_ms)
FROM newest CROSS JOIN LATERAL (
    SELECT at_ms, received_at_ms FROM sessions_app_mediaevent
    WHERE session_day = newest.session_day AND session_id = newest.id
    ORDER BY seq DESC LIMIT %(events)s) event
WHERE newest.place <= %(sessions_each)s AND event.received_at_ms >= %(since_ms)s
GROUP BY newest.input_id
"""
DELAY_SAMPLE = {"sessions": 1_000, "sessions_each": 40, "events": 10}
MINUTES = 30
INPUT_SUMS = (
    "received",
    "stored",
    "duplicate",
    "quarantined",
    "refused",
    "ignored",
    "late",
    "clock_corrected",
    "batches",
)


@dataclass
class Traffic:
    """What one destination took in the range, by step."""

    sent: list[int]
    p50: list[int | None]
    p95: list[int | None]
    tries: int = 0
    failed: int = 0
    p50_ms: int | None = None
    p95_ms: int | None = None
    last_success_at: dt.datetime | None = None
    last_failure_at: dt.datetime | None = None
    first_try_at: dt.datetime | None = None

    @property
    def failed_ratio(self) -> float | None:
        return self.failed / self.tries if self.tries else None

    @property
    def sent_total(self) -> int:
        return sum(self.sent)


def traffic(destinations: Sequence[int], span: Range, now: dt.datetime) -> dict[int, Traffic]:
    """Every destination's traffic: two queries."""
    since = now - span.back
    steps = int(span.back / span.step)
    found = {pk: Traffic([0] * steps, [None] * steps, [None] * steps) for pk in destinations}
    given: dict[str, Any] = {"since": since, "step_s": span.step.total_seconds(), "destinations": list(destinations)}
    with connection.cursor() as cursor:
        cursor.execute(SERIES, given)
        for pk, at, sent, tries, failed, p50, p95 in cursor.fetchall():
            one = found[pk]
            one.tries, one.failed = one.tries + tries, one.failed + failed
            if 0 <= at < steps:
                one.sent[at], one.p50[at], one.p95[at] = int(sent), p50, p95
        cursor.execute(TOTALS, given)
        for pk, p50, p95, success_at, failure_at, first_at in cursor.fetchall():
            one = found[pk]
            one.p50_ms, one.p95_ms, one.first_try_at = p50, p95, first_at
            one.last_success_at, one.last_failure_at = success_at, failure_at
    return found


def input_sums(workspace: Workspace, since: dt.datetime) -> list[dict[str, Any]]:
    """What came in by each input: the terms of received = stored + duplicate + quarantined + refused."""
    counts = IngestCount.objects.filter(input__workspace=workspace, minute__gte=since)
    rows = counts.values("input_id", "input__name", "input__platform")
    sums = rows.annotate(**{f"{name}_sum": Sum(name) for name in INPUT_SUMS})
    return [dict(row) for row in sums.order_by("input__name")]


def receive_delays(workspace: Workspace, since: dt.datetime) -> dict[int, int]:
    """Median ms from an event to its receipt, by input; below zero when devices' clocks run ahead."""
    given: dict[str, Any] = {"workspace": workspace.pk, "since": since, "since_ms": int(since.timestamp() * 1000)}
    with connection.cursor() as cursor:
        cursor.execute(DELAYS, given | DELAY_SAMPLE)
        return dict(cursor.fetchall())


def stored_by_minute(workspace: Workspace, now: dt.datetime) -> dict[int, list[int]]:
    """Events stored in each of the last thirty whole minutes, oldest first, by input."""
    until = now.replace(second=0, microsecond=0)
    since = until - dt.timedelta(minutes=MINUTES)
    counts = IngestCount.objects.filter(input__workspace=workspace, minute__gte=since, minute__lt=until)
    found: dict[int, list[int]] = defaultdict(lambda: [0] * MINUTES)
    for input_id, minute, stored in counts.values_list("input_id", "minute").annotate(Sum("stored")):
        found[input_id][int((minute - since).total_seconds()) // 60] = stored
    return found


def total(rows: list[dict[str, Any]], name: str) -> int:
    return sum(row[f"{name}_sum"] or 0 for row in rows)
