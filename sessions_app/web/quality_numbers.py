"""What the data quality page counts: quarantine and refusals by reason, and what kind of feed each input is.

Reads of bounded size: the newest events and sessions of each input speak for it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet, Sum

from sessions_app.models import Quarantined, RefusedRequest, Workspace

# Quarantined rows of one group, by everything a reader tells reasons apart by.
GROUP_BY = ("input_id", "input__name", "code", "pointer", "event_name")
SAMPLED_SESSIONS = 5_000

# The newest sessions by client and version.
CLIENTS = """
SELECT input.name, newest.platform, newest.sdk_version, newest.player_name, count(*) AS sessions,
    count(*) FILTER (WHERE newest.live) AS live, max(newest.last_received_at) AS last_at,
    count(*) FILTER (WHERE newest.ended_reason IN ('timed_out', 'timed_out_paused')) AS timed_out
FROM (SELECT * FROM sessions_app_mediasession WHERE workspace_id = %(workspace)s
      ORDER BY id DESC LIMIT %(sessions)s) newest
JOIN sessions_app_input input ON input.id = newest.input_id
GROUP BY 1, 2, 3, 4 ORDER BY sessions DESC LIMIT 50
"""
# By input, over the events of the newest sessions: what was missing, what was guessed, how late.
FEEDS = """
WITH newest AS (
    SELECT id, session_day, input_id, live FROM sessions_app_mediasession
    WHERE workspace_id = %(workspace)s AND first_received_at >= %(since)s ORDER BY id DESC LIMIT %(sessions)s),
by_session AS (
    SELECT newest.id, newest.input_id, bool_or(event.name = 'Media Session Start') AS has_start,
        count(*) FILTER (WHERE event.name = 'Ad End')
            > count(*) FILTER (WHERE event.name = 'Ad Start') AS orphan_ad,
        count(*) FILTER (WHERE event.name = 'Buffer End')
            > count(*) FILTER (WHERE event.name = 'Buffer Start') AS orphan_buffer,
        count(*) FILTER (WHERE event.name = 'Seek End')
            > count(*) FILTER (WHERE event.name = 'Seek Start') AS orphan_seek,
        count(*) AS events, count(event.sent_attributes) AS converted,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY event.received_at_ms - event.at_ms) AS delay_ms,
        max(event.received_at_ms - event.at_ms) AS worst_ms
    FROM newest JOIN sessions_app_mediaevent event
        ON event.session_day = newest.session_day AND event.session_id = newest.id
    GROUP BY newest.id, newest.input_id)
SELECT input.name, input.platform, count(*) AS sessions, sum(by_session.events)::bigint AS events,
    count(*) FILTER (WHERE NOT has_start) AS no_start,
    count(*) FILTER (WHERE orphan_ad OR orphan_buffer OR orphan_seek) AS orphan_ends,
    sum(converted)::bigint AS converted, percentile_disc(0.5) WITHIN GROUP (ORDER BY delay_ms) AS delay_p50_ms,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY delay_ms) AS delay_p95_ms, max(worst_ms) AS worst_ms
FROM by_session JOIN sessions_app_input input ON input.id = by_session.input_id
GROUP BY input.name, input.platform ORDER BY input.name
"""


@dataclass(frozen=True)
class QuarantineGroup:
    """Quarantined input of one kind: where from, what is wrong, how often, the newest as a sample."""

    input_id: int
    input_name: str
    code: str
    pointer: str
    event_name: str | None
    kinds: int
    times: int
    last_at: dt.datetime
    sample: int

    @property
    def key(self) -> str:
        """The group in a form: any of its rows names it, the newest does."""
        return str(self.sample)


def waiting(workspace: Workspace) -> QuerySet[Quarantined]:
    """What is in quarantine now: not discarded, and not replayed with success since."""
    settled = Q(replay_outcome__in=("stored", "duplicate"))
    return Quarantined.objects.filter(input__workspace=workspace, discarded_at=None).exclude(settled)


def quarantine_groups(workspace: Workspace) -> list[QuarantineGroup]:
    grouped = waiting(workspace).values(*GROUP_BY)
    rows = grouped.annotate(kinds=Count("pk"), sum_times=Sum("times"), last_at=Max("received_at"), sample=Max("pk"))
    return [
        QuarantineGroup(
            row["input_id"],
            row["input__name"],
            row["code"],
            row["pointer"],
            row["event_name"],
            row["kinds"],
            row["sum_times"],
            row["last_at"],
            row["sample"],
        )
        for row in rows.order_by("-last_at")[:200]
    ]


def in_group_of(workspace: Workspace, sample: Quarantined) -> QuerySet[Quarantined]:
    """Every waiting row that is wrong in the same way."""
    same = {name: getattr(sample, name) for name in ("input_id", "code", "pointer", "event_name")}
    return waiting(workspace).filter(**same).order_by("id")


def refusals(workspace: Workspace, since: dt.datetime) -> list[dict[str, Any]]:
    """Requests turned away, by reason."""
    rows = RefusedRequest.objects.filter(input__workspace=workspace, minute__gte=since)
    grouped = rows.values("input__name", "status", "code", "reason")
    counted = grouped.annotate(count=Sum("times"), last_at=Max("minute")).order_by("-last_at")
    return [dict(row) for row in counted[:50]]


def clients(workspace: Workspace) -> list[dict[str, Any]]:
    return _rows(CLIENTS, {"workspace": workspace.pk, "sessions": SAMPLED_SESSIONS})


def feeds(workspace: Workspace, since: dt.datetime) -> list[dict[str, Any]]:
    return _rows(FEEDS, {"workspace": workspace.pk, "since": since, "sessions": 1_000})


def _rows(query: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
