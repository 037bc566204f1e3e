"""One transaction: everything the requests of a group mean, or nothing of it.

`write` reads top to bottom as the promise. Raw bytes, sessions, events and all that follows from them become
visible together; only after it has returned may anybody say 202.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple

from psycopg import Connection, errors

from sessions_app.ingest import (
    accounting,
    consequences,
    erased,
    events,
    quarantine,
    raw_batches,
    sessions,
    viewer_events,
)
from sessions_app.ingest.database import transaction
from sessions_app.ingest.group import Group
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.received import Outcome, Received

CAUTIOUS_S = 0.25


class Written(NamedTuple):
    """What became of a group: an outcome for each request, and (workspace, session, version) of what changed."""

    outcomes: list[Outcome]
    changes: list[tuple[int, int, int]]


def write_group(conn: Connection, requests: Sequence[Received], memory: Memory) -> Written:
    """Store these requests in one transaction. Raises what the database raises, with nothing stored.

    Most groups hold nothing that was seen before, so savepoints are only set for a while after one that did.
    """
    if time.monotonic() > memory.cautious_until:
        try:
            return write_once(conn, requests, memory, is_cautious=False)
        except errors.UniqueViolation:
            memory.cautious_until = time.monotonic() + CAUTIOUS_S
    return write_once(conn, requests, memory, is_cautious=True)


def write_once(conn: Connection, requests: Sequence[Received], memory: Memory, *, is_cautious: bool) -> Written:
    try:
        with transaction(conn):
            written = write(conn, requests, memory, is_cautious=is_cautious)
    except BaseException:
        memory.rolled_back()
        raise
    memory.committed()
    return written


def write(conn: Connection, requests: Sequence[Received], memory: Memory, *, is_cautious: bool) -> Written:
    erased.refresh(conn, memory)
    group = Group(requests, lambda received, batch: erased.is_erased(received, batch, memory), is_cautious=is_cautious)
    raw_batches.store(conn, group, memory)
    sessions.lock(conn, group, memory)
    events.store(conn, group)
    changes = sessions.advance(conn, group, memory)
    viewer_events.store(conn, group)
    consequences.link_identities(conn, group, memory)
    consequences.enqueue_deliveries(conn, group)
    consequences.settle_due(conn, group)
    quarantine.keep(conn, group, memory)
    accounting.count(conn, group, memory)
    return Written(group.outcomes, changes)
