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
from sessions_app.ingest.exchange import Exchange
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

    Most groups hold nothing that was seen before, so savepoints are only set for a while after one that did; and
    viewers are seldom erased, so a group is sorted by the tombstones known and begun again when there are new ones.
    """
    while True:
        is_cautious = time.monotonic() <= memory.cautious_until
        try:
            return write_once(conn, requests, memory, is_cautious=is_cautious)
        except erased.NewTombstonesError:
            erased.learn(conn, memory)
        except errors.UniqueViolation:
            if is_cautious:
                raise
            memory.cautious_until = time.monotonic() + CAUTIOUS_S


def write_once(conn: Connection, requests: Sequence[Received], memory: Memory, *, is_cautious: bool) -> Written:
    exchange = Exchange(conn)
    try:
        with exchange.transaction():
            written = write(exchange, requests, memory, is_cautious=is_cautious)
    except BaseException:
        memory.rolled_back()
        raise
    memory.committed()
    return written


def write(exchange: Exchange, requests: Sequence[Received], memory: Memory, *, is_cautious: bool) -> Written:
    newest = exchange.later(erased.NEWEST)
    group = Group(requests, lambda received, batch: erased.is_erased(received, batch, memory), is_cautious=is_cautious)
    raw_batches.store(exchange, group, memory)
    sessions.lock(exchange, group, memory)
    erased.check(exchange, newest, memory)
    events.store(exchange, group)
    changes = sessions.advance(exchange, group, memory)
    viewer_events.store(exchange, group)
    consequences.link_identities(exchange, group, memory)
    consequences.enqueue_deliveries(exchange, group)
    consequences.settle_due(exchange, group)
    quarantine.keep(exchange, group, memory)
    accounting.count(exchange, group, memory)
    return Written(group.outcomes, changes)
