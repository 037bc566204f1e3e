"""What one web process runs for the doors: writers, the snapshot of inputs, limits, notes of refusals.

Made at the first request, because Daphne tells nobody when it starts. The event loop never waits for the database
here: a housekeeping thread reads the inputs and writes the notes, the writers' threads do the rest.
"""

import asyncio
import atexit
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from django.conf import settings
from psycopg import Connection

from sessions_app.ingest.database import connect
from sessions_app.ingest.inputs import KnownInput, load_snapshot
from sessions_app.ingest.limits import Buckets, DiskFloor, Load
from sessions_app.ingest.received import Outcome, Received
from sessions_app.ingest.refusals import Refusals
from sessions_app.ingest.writer import Changes, Pending, UnavailableError, Writer
from sessions_app.live import publish

log = structlog.get_logger(__name__)
T = TypeVar("T")

# A snapshot this old is renewed in the background; this old, waited for; this old, no longer trusted.
RENEW_S = 1.0
STALE_S = 2.0
OLDEST_S = 60.0
LONGEST_WAIT_FOR_INPUTS_S = 0.4
LOAD_PAUSE_S = 0.05
# How long a client waits for its commit before it is told to come again.
COMMIT_DEADLINE_S = 2.5
FLUSH_EVERY_S = 1.0
# How often the speed of commits is looked at.
JUDGE_EVERY_S = 0.05


class Runtime:
    """Lives as long as its process."""

    def __init__(self) -> None:
        self.writers = [Writer(connect, publish_changes) for _ in range(settings.INGEST_WRITERS)]
        self.turn = itertools.cycle(self.writers)
        self.load, self.buckets, self.refusals = Load(), Buckets(), Refusals()
        self.disk = DiskFloor(settings.MEDIADASH_HOME, settings.DISK_FLOOR_MB)
        self.housekeeping = ThreadPoolExecutor(1, thread_name_prefix="ingest-housekeeping")
        self.conn: Connection | None = None
        self.inputs: Mapping[str, KnownInput] = {}
        self.loaded_at = float("-inf")
        self.renewing: Future[None] | None = None
        self.flushing: Future[None] | None = None
        self.flushed_at = time.monotonic()
        self.judged_at, self.is_crowded = float("-inf"), False
        self.stopped = False

    # -- inputs

    async def known_inputs(self, not_before: float | None = None) -> Mapping[str, KnownInput]:
        """Every input by key, as it was two seconds ago or later, or not before a moment of the monotonic clock.

        Older only while the database does not answer.
        """
        now = time.monotonic()
        if now - self.loaded_at > RENEW_S:
            self.renew()
        needed = now - STALE_S if not_before is None else not_before
        if self.loaded_at < needed:
            await self.wait_for_inputs(needed, now + (LONGEST_WAIT_FOR_INPUTS_S if self.inputs else 2 * STALE_S))
        if time.monotonic() - self.loaded_at > OLDEST_S:
            raise UnavailableError("The inputs cannot be read.")
        return self.inputs

    async def wait_for_inputs(self, needed: float, until: float) -> None:
        # A load that was under way when a request came may have missed what the request asks for: then one more.
        while self.loaded_at < needed and (left := until - time.monotonic()) > 0:
            loading = asyncio.wrap_future(self.renew())
            await asyncio.wait({loading}, timeout=left)
            if loading.done() and not loading.cancelled() and loading.exception() is not None:
                return

    def renew(self) -> "Future[None]":
        if self.renewing is None or self.renewing.done():
            self.renewing = self.housekeeping.submit(self.load_inputs)
        return self.renewing

    def load_inputs(self) -> None:
        # Whoever guesses keys is made to wait here; the database is asked twenty times a second at most.
        time.sleep(max(0.0, min(LOAD_PAUSE_S, self.loaded_at + LOAD_PAUSE_S - time.monotonic())))
        asked_at = time.monotonic()
        self.inputs = self.with_connection(load_snapshot)
        self.loaded_at = asked_at

    def with_connection(self, work: Callable[[Connection], T]) -> T:
        """Run on the housekeeping thread, on its connection, made again when it was lost."""
        if self.conn is None or self.conn.closed:
            self.conn = connect("ingest-housekeeping")
        try:
            return work(self.conn)
        except Exception:
            self.conn.close()
            self.conn = None
            raise

    # -- refusals

    def note_refusal(self, input_id: int | None, status: int, code: str, reason: str, client: str) -> None:
        self.refusals.note(input_id, status, code, reason, client=client, now_ms=int(time.time() * 1000))
        self.flush_soon()

    def flush_soon(self) -> None:
        if self.flushing is None or self.flushing.done():
            delay = max(0.0, self.flushed_at + FLUSH_EVERY_S - time.monotonic())
            self.flushing = Future()
            timer = threading.Timer(delay, self.flush, [self.flushing])
            timer.daemon = True
            timer.start()

    def flush(self, done: "Future[None] | None" = None) -> None:
        if self.stopped:
            return
        self.flushed_at = time.monotonic()
        try:
            self.housekeeping.submit(self.with_connection, self.write_refusals).result(10)
        except Exception as error:  # noqa: BLE001 kept for the next time
            log.warning("ingest_refusals_not_written", error=str(error)[:300])
        finally:
            if done is not None:
                done.set_result(None)

    def write_refusals(self, conn: Connection) -> None:
        self.refusals.flush(conn, self.writers[0].memory.name[:34] + "-doors")

    # -- storing

    async def store(self, received: Received) -> Outcome:
        """Hand a request to a writer; returns after its commit."""
        loop = asyncio.get_running_loop()
        pending = Pending(received, loop.create_future(), loop)
        deadline = loop.call_later(COMMIT_DEADLINE_S, give_up, pending)
        size = len(received.body)
        self.load.add(size)
        try:
            next(self.turn).submit(pending)
            return await pending.future
        finally:
            self.load.remove(size)
            deadline.cancel()

    def is_overloaded(self, now: float) -> bool:
        if now - self.judged_at >= JUDGE_EVERY_S:
            took = [took for writer in self.writers for took in tuple(writer.took)]
            self.judged_at, self.is_crowded = now, self.load.is_too_much(took, now)
        return self.is_crowded or self.load.is_full()

    def stop(self) -> None:
        """Write out what is noted and queued, close every connection."""
        for writer in self.writers:
            writer.stop()
        if self.refusals.noted:
            self.flush()
        self.stopped = True
        # At the very end of the interpreter no thread takes work any more, and the connection goes with the process.
        with contextlib.suppress(RuntimeError):
            self.housekeeping.submit(self.hang_up)
        self.housekeeping.shutdown(wait=True)

    def hang_up(self) -> None:
        if self.conn is not None:
            self.conn.close()


def give_up(pending: Pending) -> None:
    pending.given_up = True
    pending.resolve(UnavailableError("The commit takes too long."))


def publish_changes(changes: Changes) -> None:
    """A hint to those who watch; the rows are the truth, so a lost hint costs two seconds."""
    try:
        publish.announce(changes)
    except Exception:
        log.exception("ingest_announce_failed")


_running: dict[str, Any] = {}
_starting = threading.Lock()


def runtime() -> Runtime:
    """This process's runtime, started at first need."""
    found = _running.get("runtime")
    if found is None:
        with _starting:
            found = _running.get("runtime")
            if found is None:
                found = _running["runtime"] = Runtime()
    running: Runtime = found
    return running


@atexit.register
def stop() -> None:
    """Stop this process's runtime, if it has one; the next request starts another."""
    found = _running.pop("runtime", None)
    if found is not None:
        found.stop()
