"""Sessions told by their events, through the store, as a door would."""

import json
import time

from django.db import connection

from sessions_app.ingest.inputs import load_snapshot
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.partitions import ensure_partitions
from sessions_app.ingest.received import Received
from sessions_app.ingest.store import write_group
from sessions_app.models import MediaSession
from sessions_app.wire.parse import parse

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def now_ms():
    return round(time.time() * 1000)


def event(name, at_ms, session="s1", key=None, **attributes):
    """One custom media event."""
    return {
        "event_type": "custom_event",
        "data": {
            "event_name": name,
            "custom_event_type": "media",
            "timestamp_unixtime_ms": at_ms,
            "source_message_id": key or f"{session}/{name}/{at_ms}",
            "custom_attributes": {
                "media_session_id": session,
                "content_id": "film-1",
                "content_title": "A film",
                "content_type": "Video",
                "stream_type": "OnDemand",
                "content_duration": 600_000,
                **attributes,
            },
        },
    }


def watched(start_ms, session="s1", minutes=2, **attributes):
    """Played from the first second, paused for ten seconds in the middle, ended."""
    half = minutes * MINUTE // 2
    return [
        event("Media Session Start", start_ms, session, **attributes),
        event("Play", start_ms + 1000, session, playhead_position=0, **attributes),
        event("Pause", start_ms + 1000 + half, session, playhead_position=half, **attributes),
        event("Play", start_ms + 11_000 + half, session, playhead_position=half, **attributes),
        event("Media Session End", start_ms + 11_000 + 2 * half, session, **attributes),
    ]


def store(source, *events, received_at_ms=None, mpid="6504934091054997508", **batch_fields):
    """Post these events as one batch that arrives now, or when said; returns (workspace, session, version)s."""
    received_at_ms = received_at_ms or now_ms()
    connection.ensure_connection()
    conn = connection.connection
    ensure_partitions(conn)
    body = json.dumps(
        {
            "environment": "production",
            "mpid": mpid,
            "timestamp_unixtime_ms": received_at_ms,
            "events": events,
            **batch_fields,
        }
    ).encode()
    known = load_snapshot(conn)[source.key]
    batch = parse(body, received_at_ms, source.platform)
    received = Received(known, "server", b"{}", received_at_ms, body, (batch,))
    return write_group(conn, [received], Memory("tests")).changes


def session_named(name="s1"):
    return MediaSession.objects.get(media_session_id=name)
