"""The numbers of the forwarding page that are sums over many rows, each one query whatever their number."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    max(attempt.at) FILTER (WHERE attempt.status BETWEEN 200 AND 299)
FROM sessions_app_attempt attempt JOIN sessions_app_delivery delivery ON delivery.id = attempt.delivery_id
WHERE delivery.destination_id = ANY(%(destinations)s) AND attempt.at >= %(since)s
GROUP BY delivery.destination_id
"""
# The dead letters, grouped by where they were refused and why. Reasons may name a place: only their start counts.
GROUPS = """
SELECT delivery.destination_id, destination.name, delivery.last_status, left(delivery.last_error, 160) AS reason,
    md5(left(delivery.last_error, 160)) AS reason_key, count(*) AS batches, sum(delivery.event_count) AS events,
    max(delivery.attempts) AS tries, max(coalesce(delivery.finished_at, delivery.created_at)) AS last_at,
    max(delivery.id) AS sample
FROM sessions_app_delivery delivery
JOIN sessions_app_destination destination ON destination.id = delivery.destination_id
WHERE destination.workspace_id = %(workspace)s AND delivery.status = 'dead'
GROUP BY 1, 2, 3, 4, 5 ORDER BY last_at DESC LIMIT 200
"""
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


# What mParticle says inside of its answer: {"errors": [{"code": …, "message": "…"}]}, perhaps cut short.
MESSAGE = re.compile(r'"message"\s*:\s*"((?:[^"\\]|\\.)+)')


def reason_words(reason: str) -> str:
    """answered 400: {"errors": [{"message": "x must be a string"}]} is: x must be a string."""
    said = MESSAGE.search(reason)
    return said[1].replace('\\"', '"') if said else re.sub(r"^answered \d{3}(: )?", "", reason)


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
        for pk, p50, p95, last_at in cursor.fetchall():
            found[pk].p50_ms, found[pk].p95_ms, found[pk].last_success_at = p50, p95, last_at
    return found


@dataclass(frozen=True)
class LetterGroup:
    """Dead letters of one destination with one reason."""

    destination_id: int
    destination: str
    status: int | None
    reason: str
    reason_key: str
    batches: int
    events: int
    tries: int
    last_at: dt.datetime
    sample: int
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.destination_id}:{self.status or ''}:{self.reason_key}")

    @property
    def words(self) -> str:
        """The reason as people read it; the status stands beside it."""
        return reason_words(self.reason)

    @property
    def is_hopeless(self) -> bool:
        """The destination understood and refused: the same bytes will be refused again."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in (401, 403, 408, 429)


def letter_groups(workspace: Workspace) -> list[LetterGroup]:
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, {"workspace": workspace.pk})
        return [LetterGroup(*row) for row in cursor.fetchall()]


def input_sums(workspace: Workspace, since: dt.datetime) -> list[dict[str, Any]]:
    """What came in by each input: the terms of received = stored + duplicate + quarantined + refused."""
    counts = IngestCount.objects.filter(input__workspace=workspace, minute__gte=since)
    rows = counts.values("input_id", "input__name", "input__platform")
    sums = rows.annotate(**{f"{name}_sum": Sum(name) for name in INPUT_SUMS})
    return [dict(row) for row in sums.order_by("input__name")]


def total(rows: list[dict[str, Any]], name: str) -> int:
    return sum(row[f"{name}_sum"] or 0 for row in rows)
