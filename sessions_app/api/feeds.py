"""What kind of feed each input is: clients and versions, what was missing, what was guessed, clocks, lateness.

Reads of bounded size: the newest sessions speak for their input.
"""

import datetime as dt
from typing import Any

from django.db import connection

from sessions_app.models import Workspace
from sessions_app.timeline.events import SUMMARIES
from sessions_app.wire import vocabulary

NEWEST_SESSIONS = 5_000
REPORTED_SESSIONS = 1_000
# Whose summaries' unit is known; of all others it is guessed from the numbers beside it.
KNOWN_UNITS = sorted(vocabulary.SECONDS_PLATFORMS | vocabulary.MILLISECONDS_PLATFORMS)

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
# By input, over the events of the newest sessions: what was missing, what was guessed, how late. A batch says when it
# was sent by the device's clock: beside our receipt that is the clock's skew, and the way here.
FEEDS = """
WITH newest AS (
    SELECT id, session_day, input_id, platform FROM sessions_app_mediasession
    WHERE workspace_id = %(workspace)s AND first_received_at >= %(since)s ORDER BY id DESC LIMIT %(sessions)s),
by_session AS (
    SELECT newest.id, newest.input_id, bool_or(event.name = 'Media Session Start') AS has_start,
        count(*) FILTER (WHERE event.name IN ('Ad Break End'))
            > count(*) FILTER (WHERE event.name = 'Ad Break Start')
        OR count(*) FILTER (WHERE event.name IN ('Ad End', 'Ad Skip'))
            > count(*) FILTER (WHERE event.name = 'Ad Start')
        OR count(*) FILTER (WHERE event.name IN ('Segment End', 'Segment Skip'))
            > count(*) FILTER (WHERE event.name = 'Segment Start')
        OR count(*) FILTER (WHERE event.name IN ('Buffer End'))
            > count(*) FILTER (WHERE event.name = 'Buffer Start')
        OR count(*) FILTER (WHERE event.name IN ('Seek End'))
            > count(*) FILTER (WHERE event.name = 'Seek Start') AS has_orphans,
        count(*) AS events, count(event.sent_attributes) AS converted,
        count(*) FILTER (WHERE event.name = ANY(%(summaries)s)
            AND NOT newest.platform = ANY(%(known_units)s)) AS guessed,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY event.batch_at_ms - event.received_at_ms) AS skew_ms,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY event.received_at_ms - event.at_ms) AS delay_ms,
        max(event.received_at_ms - event.at_ms) AS worst_ms
    FROM newest JOIN sessions_app_mediaevent event
        ON event.session_day = newest.session_day AND event.session_id = newest.id
    GROUP BY newest.id, newest.input_id)
SELECT input.name, input.platform, count(*) AS sessions, sum(by_session.events)::bigint AS events,
    count(*) FILTER (WHERE NOT has_start) AS no_start,
    count(*) FILTER (WHERE has_orphans) AS orphan_ends,
    sum(converted)::bigint AS converted, sum(guessed)::bigint AS guessed,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY skew_ms) AS skew_p50_ms,
    (array_agg(skew_ms ORDER BY abs(skew_ms) DESC))[1] AS skew_worst_ms,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY delay_ms) AS delay_p50_ms,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY delay_ms) AS delay_p95_ms, max(worst_ms) AS worst_ms
FROM by_session JOIN sessions_app_input input ON input.id = by_session.input_id
GROUP BY input.name, input.platform ORDER BY input.name
"""


def clients(workspace: Workspace) -> list[dict[str, Any]]:
    return _rows(CLIENTS, {"workspace": workspace.pk, "sessions": NEWEST_SESSIONS})


def feeds(workspace: Workspace, since: dt.datetime) -> list[dict[str, Any]]:
    given = {"workspace": workspace.pk, "since": since, "sessions": REPORTED_SESSIONS}
    return _rows(FEEDS, {**given, "summaries": sorted(SUMMARIES), "known_units": KNOWN_UNITS})


def _rows(query: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
