"""Keeps what could not be stored, with the reason and the bytes, up to a quota per key and day.

Beyond the quota a bad event is only counted, as refused: a client gone wild must not fill the disk.
"""

import datetime as dt
from collections.abc import Iterable

from psycopg import Connection

from sessions_app.ingest.exchange import Exchange
from sessions_app.ingest.group import Group, Held
from sessions_app.ingest.memory import Memory

KEEP = """
INSERT INTO sessions_app_quarantined (
    input_id, code, message, pointer, event_name, media_session_id, door, headers, raw, raw_key, times, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %b, %s::uuid, 1, 'epoch'::timestamptz + %s * interval '1 ms')
ON CONFLICT (input_id, raw_key, code) DO UPDATE
SET times = sessions_app_quarantined.times + 1, received_at = EXCLUDED.received_at, replayed_at = NULL,
    replay_outcome = NULL, discarded_at = NULL
"""
USED_TODAY = """
SELECT count(*), coalesce(sum(length(raw)), 0) FROM sessions_app_quarantined
WHERE input_id = %s AND received_at >= date_trunc('day', now(), 'UTC')
"""
MOST_ROWS = 10_000
MOST_BYTES = 10 * 1024 * 1024
FULL = "QUARANTINE_FULL"


def keep(exchange: Exchange, group: Group, memory: Memory) -> None:
    """Write the group's quarantine rows, in one order for all writers."""
    if not group.held:
        return
    exchange.flush()
    kept = list(within_quota(exchange.conn, group.held, memory))
    rows = sorted(kept, key=lambda held: (held.received.source.id, held.raw_key, held.code))
    with exchange.conn.cursor() as cursor:
        cursor.executemany(KEEP, [as_row(held) for held in rows])


def within_quota(conn: Connection, held: Iterable[Held], memory: Memory) -> Iterable[Held]:
    today = dt.datetime.now(dt.UTC).date()
    for one in held:
        quota = memory.quota(today, one.received.source.id, lambda pk: conn.execute(USED_TODAY, [pk]).fetchone())
        if quota[0] >= MOST_ROWS or quota[1] + len(one.raw) > MOST_BYTES:
            one.outcome.quarantined -= 1
            one.outcome.refused += 1
            one.outcome.report(FULL, "The quarantine of this key is full for today.", None, "")
            continue
        quota[0] += 1
        quota[1] += len(one.raw)
        yield one


def as_row(held: Held) -> list[object]:
    received = held.received
    return [
        received.source.id, held.code[:32], storable(held.message), storable(held.pointer), storable(held.event_name),
        storable(held.media_session_id), received.door, received.headers.decode(), held.raw, held.raw_key,
        received.received_at_ms,
    ]  # fmt: skip


def storable(text: str | None) -> str | None:
    """The text without what Postgres' text cannot hold; the bytes beside it are untouched."""
    return None if text is None else text.replace("\0", "�").encode("utf-8", "replace").decode()[:2000]
