"""Group commit: a thread that takes whatever requests are waiting and stores them in one transaction.

No timer. While one group is being committed the next one gathers; under light load a group is one request. A group
that fails is written again request by request, so that a poisonous one harms nobody but itself: that one goes to
quarantine whole. A lost connection leaves it open whether the commit happened; the group is simply written again,
and finds its events stored or stores them.
"""

import asyncio
import itertools
import os
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg
import structlog
from psycopg import Connection, errors

from sessions_app.ingest.database import NotDurableError
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.partitions import ensure_partitions
from sessions_app.ingest.received import Fault, Outcome, Received
from sessions_app.ingest.store import Written, write_group

log = structlog.get_logger(__name__)

MOST_REQUESTS = 64
MOST_EVENTS = 3_000
TRIES = 4
FIRST_PAUSE_S = 0.01
UNSTORABLE = Fault("UNSTORABLE", "This batch could not be stored as it is; it is kept as received.")
# What may succeed the next time; the last when somebody deallocated what this connection had prepared.
CONTENDED = (
    errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable, errors.InvalidSqlStatementName,
)  # fmt: skip
# The database is not able to, whatever the request holds.
DATABASE_TROUBLE = (psycopg.OperationalError, psycopg.InterfaceError, NotDurableError)
numbers = itertools.count(1)

Changes = list[tuple[int, int, int]]


class UnavailableError(Exception):
    """The database cannot take this now; the client keeps it and sends it again."""


@dataclass(slots=True)
class Pending:
    """A request that waits for its commit."""

    received: Received
    future: "asyncio.Future[Outcome]"
    loop: asyncio.AbstractEventLoop
    # Its client has been told to come again; not worth writing any more.
    given_up: bool = False

    def resolve(self, result: Outcome | Exception) -> None:
        """On the loop's own thread."""
        if self.future.done():
            return
        if isinstance(result, Exception):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


class Writer:
    """One thread with one connection and one queue."""

    def __init__(self, connect: Callable[[str], Connection], announce: Callable[[Changes], None]) -> None:
        self.name = f"ingest-{os.getpid()}-{next(numbers)}"
        self.connect = connect
        self.announce = announce
        self.queue: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self.memory = Memory(f"{os.uname().nodename[:20]}-{self.name}"[:40])
        self.conn: Connection | None = None
        # (when, seconds) of the last groups, for the back-pressure.
        self.took: deque[tuple[float, float]] = deque(maxlen=32)
        self.thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        self.thread.start()

    def submit(self, pending: Pending) -> None:
        self.queue.put(pending)

    def stop(self) -> None:
        """Finish what is queued, then close the connection."""
        self.queue.put(None)
        self.thread.join(15)

    def run(self) -> None:
        while (first := self.queue.get()) is not None:
            group, is_last = self.gather(first)
            if group:
                started = time.monotonic()
                self.write(group)
                self.took.append((time.monotonic(), time.monotonic() - started))
            if is_last:
                break
        self.hang_up()

    def gather(self, first: Pending) -> tuple[list[Pending], bool]:
        """What is queued, up to a transaction's fill, without those nobody waits for; and whether to stop then."""
        group: list[Pending] = []
        events = 0
        pending: Pending | None = first
        while True:
            if pending is None:
                return group, True
            if not pending.given_up:
                group.append(pending)
                events += pending.received.event_count
            if len(group) >= MOST_REQUESTS or events >= MOST_EVENTS:
                return group, False
            try:
                pending = self.queue.get_nowait()
            except queue.Empty:
                return group, False

    def write(self, group: list[Pending]) -> None:
        """Store a group and tell everyone who waits."""
        results: list[Outcome | Exception]
        changes: Changes = []
        try:
            written = self.store([pending.received for pending in group])
            results, changes = list(written.outcomes), written.changes
        except UnavailableError as error:
            results = [error] * len(group)
        except Exception as error:  # noqa: BLE001 whatever it is, it must not end the thread
            log.warning("ingest_group_failed", requests=len(group), error=repr(error)[:500])
            results = [self.write_alone(pending.received, changes) for pending in group]
        self.tell(group, results, changes)

    def write_alone(self, received: Received, changes: Changes) -> Outcome | Exception:
        for attempt in (received, replace(received, batches=(), fault=UNSTORABLE)):
            try:
                written = self.store([attempt])
            except UnavailableError as error:
                return error
            except Exception:
                log.exception("ingest_request_failed", input=received.source.id, door=received.door)
                continue
            changes.extend(written.changes)
            return written.outcomes[0]
        return UnavailableError("The request could be neither stored nor quarantined.")

    def tell(self, group: list[Pending], results: list[Outcome | Exception], changes: Changes) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Pending, Outcome | Exception]]] = {}
        for pending, result in zip(group, results, strict=True):
            by_loop.setdefault(pending.loop, []).append((pending, result))
        for loop, answered in by_loop.items():
            try:
                loop.call_soon_threadsafe(self.answer, answered, changes)
            except RuntimeError:  # that loop is closed: nobody waits there
                continue
            changes = []

    def answer(self, answered: list[tuple[Pending, Outcome | Exception]], changes: Changes) -> None:
        """On the event loop, once per group: every request's answer, then the hint to those who watch."""
        for pending, result in answered:
            pending.resolve(result)
        if changes:
            self.announce(changes)

    def store(self, requests: list[Received]) -> Written:
        """Store in one transaction; tries again what may succeed the next time."""
        reconnected = False
        for attempt in range(TRIES):
            try:
                return write_group(self.connection(), requests, self.memory)
            except CONTENDED:
                time.sleep(FIRST_PAUSE_S * 2**attempt * random.random())  # noqa: S311
            except DATABASE_TROUBLE as error:
                lost = self.conn is None or self.conn.closed or self.conn.broken
                log.warning("ingest_database_trouble", error=str(error)[:300], lost=lost)
                if not lost or reconnected:
                    raise UnavailableError(str(error)) from error
                self.hang_up()
                reconnected = True
        raise UnavailableError("Too many others write to the same sessions.")

    def connection(self) -> Connection:
        if self.conn is None:
            conn = self.connect(self.name)
            ensure_partitions(conn)
            self.conn = conn
        return self.conn

    def hang_up(self) -> None:
        if self.conn is not None:
            self.conn.close()
        self.conn = None
