"""What is in quarantine, once more by the same way: after a fix here, or because somebody asks.

A replay leaves the accounts as if the event had come once: it was counted when it came.
"""

import time
from dataclasses import replace
from typing import NamedTuple

import msgspec
import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import dict_row

from sessions_app.ingest import accounting, body
from sessions_app.ingest.database import connect
from sessions_app.ingest.exchange import Exchange
from sessions_app.ingest.inputs import KnownInput, load_snapshot
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.received import Outcome, Received
from sessions_app.ingest.routes import Kind, Route
from sessions_app.ingest.store import Written, write_group
from sessions_app.ingest.writer import DATABASE_TROUBLE, UNSTORABLE
from sessions_app.live import publish

log = structlog.get_logger(__name__)

FIND = "SELECT * FROM sessions_app_quarantined WHERE id = %s FOR UPDATE"
NOTE = """
UPDATE sessions_app_quarantined SET replayed_at = now(), replay_outcome = %s, times = %s WHERE id = %s
"""
STORED, DUPLICATE, QUARANTINED = "stored", "duplicate", "quarantined"


class NotReplayableError(Exception):
    """The quarantined row, or its input, is not there any more."""


class Replayed(NamedTuple):
    """How it ended: stored, duplicate or quarantined, and why when it is quarantined again."""

    outcome: str
    errors: list[dict[str, object]]


def replay_quarantined(pk: int) -> Replayed:
    """Send one quarantined event or body through its door's parser and the store again."""
    with connect("ingest-replay") as conn:
        memory = Memory("replay")
        with conn.transaction():
            row = find(conn, pk)
            written = write_again(conn, as_received(conn, row), memory)
            outcome = written.outcomes[0]
            word = word_for(outcome)
            conn.execute(NOTE, [word, row["times"], pk])
            exchange = Exchange(conn)
            accounting.write(exchange, memory.name, [counted_before(row)])
            exchange.flush()
    tell(written)
    return Replayed(word, outcome.errors)


def write_again(conn: Connection, received: Received, memory: Memory) -> Written:
    """Store it; what the database refuses stays in quarantine, as it does when it comes through a door."""
    try:
        return write_group(conn, [received], memory)
    except DATABASE_TROUBLE:
        raise
    except psycopg.Error:
        log.exception("ingest_replay_failed", input=received.source.id, door=received.door)
        return write_group(conn, [replace(received, batches=(), fault=UNSTORABLE)], memory)


def find(conn: Connection, pk: int) -> dict[str, object]:
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(FIND, [pk]).fetchone()
    if row is None:
        raise NotReplayableError(f"There is no quarantined row {pk}.")
    return row


def as_received(conn: Connection, row: dict) -> Received:
    source = source_of(conn, row["input_id"])
    received_at_ms = int(row["received_at"].timestamp() * 1000)
    route = Route(Kind.SERVER, row["door"])
    batches, fault = body.read_batches(bytes(row["raw"]), route, received_at_ms, source.platform)
    headers = msgspec.json.encode(row["headers"])
    return Received(source, row["door"], headers, received_at_ms, bytes(row["raw"]), batches, fault)


def source_of(conn: Connection, input_id: int) -> KnownInput:
    for source in load_snapshot(conn).values():
        if source.id == input_id:
            return source
    raise NotReplayableError("The input this came from takes nothing any more.")


def word_for(outcome: Outcome) -> str:
    if outcome.accepted:
        return STORED
    return DUPLICATE if outcome.duplicates and not outcome.quarantined else QUARANTINED


def counted_before(row: dict) -> dict[str, int]:
    nothing = dict.fromkeys(accounting.WORDS, 0)
    at_ms = int(time.time() * 1000)
    return {**nothing, "input_id": row["input_id"], "at_ms": at_ms, "received": -1, "quarantined": -1}


def tell(written: Written) -> None:
    if written.changes:
        publish.announce_sync(written.changes)
