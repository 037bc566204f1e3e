"""A session's events out of the table, as the timeline reads them."""

import msgspec
from psycopg import Connection

from sessions_app.timeline.events import Event

ALL = """
SELECT event_key, name, at_ms, batch_at_ms, index_in_batch, received_at_ms, attributes, seq
FROM sessions_app_mediaevent WHERE session_day = %s AND session_id = %s
"""
attributes_of = msgspec.json.Decoder(dict).decode


def history(conn: Connection, row: object) -> list[Event]:
    """Every event of one session, this transaction's included."""
    found = conn.execute(ALL, [row.session_day, row.id])  # type: ignore[attr-defined]
    return [
        Event(key.hex, name, at_ms, batch_at_ms, index, received_at_ms, attributes_of(attributes), seq)
        for key, name, at_ms, batch_at_ms, index, received_at_ms, attributes, seq in found
    ]
