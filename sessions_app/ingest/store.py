"""One transaction: everything the requests of a group mean, or nothing of it.

`write_group` reads top to bottom as the promise. Raw bytes, sessions, events and all that follows from them become
visible together; only after it has returned may anybody say 202.
"""

from collections.abc import Sequence
from typing import NamedTuple

from psycopg import Connection

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
from sessions_app.ingest.group import Group
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.received import Outcome, Received


class Written(NamedTuple):
    """What became of a group: an outcome for each request, and (workspace, session, version) of what changed."""

    outcomes: list[Outcome]
    changes: list[tuple[int, int, int]]


def write_group(conn: Connection, requests: Sequence[Received], memory: Memory) -> Written:
    """Store these requests in one transaction. Raises what the database raises, with nothing stored."""
    try:
        with conn.transaction():
            written = write(conn, requests, memory)
    except BaseException:
        memory.rolled_back()
        raise
    memory.committed()
    return written


def write(conn: Connection, requests: Sequence[Received], memory: Memory) -> Written:
    erased.refresh(conn, memory)
    group = Group(requests, lambda received, batch: erased.is_erased(received, batch, memory))
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
