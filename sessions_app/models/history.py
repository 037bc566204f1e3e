"""A session's events out of the table, as the timeline reads them. The order is the timeline's own business."""

from collections.abc import Sequence

import msgspec
from django.db import connection

from sessions_app.models.sessions import MediaSession
from sessions_app.timeline.events import Event

SELECT = """
SELECT session_id, event_key, name, at_ms, batch_at_ms, index_in_batch, received_at_ms, attributes, seq
FROM sessions_app_mediaevent WHERE session_day = ANY(%s) AND session_id = ANY(%s)
"""
_attributes = msgspec.json.Decoder(dict).decode


def events_of(session: MediaSession) -> list[Event]:
    return events_of_sessions([session])[session.pk]


def events_of_sessions(sessions: Sequence[MediaSession]) -> dict[int, list[Event]]:
    """The events of many sessions in one query; a session without any has an empty list."""
    found: dict[int, list[Event]] = {session.pk: [] for session in sessions}
    days = list({session.session_day for session in sessions})
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [days, list(found)])
        for session_id, key, name, at, batch_at, index, received_at, attributes, seq in cursor.fetchall():
            found[session_id].append(
                Event(key.hex, name, at, batch_at, index, received_at, _attributes(attributes), seq)
            )
    return found
