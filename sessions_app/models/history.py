"""A session's events out of the table, as the timeline reads them. The order is the timeline's own business."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection

from sessions_app.models.sessions import MediaSession
from sessions_app.timeline.events import Event

SELECT = """
SELECT session_id, event_key, name, at_ms, batch_at_ms, index_in_batch, received_at_ms, attributes, seq
FROM sessions_app_mediaevent WHERE session_day = ANY(%s) AND session_id = ANY(%s) AND seq > %s
"""
_attributes = msgspec.json.Decoder(dict).decode


def events_of(session: MediaSession, after_seq: int = 0) -> list[Event]:
    return events_of_sessions([session], after_seq)[session.pk]


def events_of_sessions(sessions: Sequence[MediaSession], after_seq: int = 0) -> dict[int, list[Event]]:
    """The events of many sessions in one query; a session without any has an empty list."""
    days = {session.session_day for session in sessions}
    with connection.cursor() as cursor:
        return read_events(cursor, days, [session.pk for session in sessions], after_seq)


def read_events(
    cursor: Any, days: Iterable[dt.date], sessions: Iterable[int], after_seq: int = 0
) -> dict[int, list[Event]]:
    """The same by a cursor of one's own: the store reads inside its transaction, which is not Django's."""
    found: dict[int, list[Event]] = {session: [] for session in sessions}
    cursor.execute(SELECT, [list(days), list(found), after_seq])
    for session_id, key, name, at_ms, batch_at_ms, index, received_at_ms, attributes, seq in cursor.fetchall():
        found[session_id].append(
            Event(key.hex, name, at_ms, batch_at_ms, index, received_at_ms, _attributes(attributes), seq)
        )
    return found
