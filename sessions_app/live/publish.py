"""Say that sessions changed: to this process at once, to the others through the Channels layer.

`announce` is for the event loop, after the commit. It never waits, never raises and may lose what it says: a hint
only saves the reader a poll, the truth is in Postgres. While one message is under way, and a moment longer, the next
one collects: a busy process sends a hundred messages a second at most, and a stalled layer costs one a second, whatever
the load. `announce_sync` is for workers, which have no loop.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

# (workspace, session, version): primary keys and numbers only, never words off the wire.
Change = tuple[int, int, int]
Listener = Callable[[list[Change] | None], None]

GROUP = "changes"
SEND_TIMEOUT_S = 1.0
APART_S = 0.01
PAUSE_AFTER_FAILURE_S = 0.5
LOG_EVERY_S = 60.0
# Beyond this many waiting sessions one message says "look for yourselves" instead.
MOST_WAITING = 10_000

log = structlog.get_logger(__name__)


class Announcer:
    """The announcing side of one event loop."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.waiting: dict[int, Change] = {}
        self.look_yourselves = False
        self.task: asyncio.Task[None] | None = None
        self.failures = 0
        self.logged_at = 0.0

    def announce(self, changes: Iterable[Change]) -> None:
        fresh = list(changes)
        for listener in self.listeners:
            listener(fresh)
        self.waiting.update((change[1], change) for change in fresh)
        if len(self.waiting) > MOST_WAITING:
            self.waiting.clear()
            self.look_yourselves = True
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        while self.waiting or self.look_yourselves:
            message = {"type": "changes", "changes": None if self.look_yourselves else list(self.waiting.values())}
            self.waiting, self.look_yourselves = {}, False
            if await send(message):
                await asyncio.sleep(APART_S)
            else:
                self._count_failure()
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)

    def _count_failure(self) -> None:
        self.failures += 1
        if time.monotonic() - self.logged_at > LOG_EVERY_S:
            log.warning("live_hints_lost", messages=self.failures)
            self.logged_at, self.failures = time.monotonic(), 0


_announcers: WeakKeyDictionary[asyncio.AbstractEventLoop, Announcer] = WeakKeyDictionary()


def announcer() -> Announcer:
    """The running loop's own."""
    return _announcers.setdefault(asyncio.get_running_loop(), Announcer())


def announce(changes: Iterable[Change]) -> None:
    """Tell whoever watches these sessions that they have reached these versions. Call it after the commit."""
    announcer().announce(changes)


def announce_sync(changes: Iterable[Change]) -> bool:
    """The same from a worker's thread; False when nobody could be told within a second."""
    return async_to_sync(send)({"type": "changes", "changes": list(changes)})


async def send(message: dict[str, Any]) -> bool:
    try:
        await asyncio.wait_for(get_channel_layer().group_send(GROUP, message), SEND_TIMEOUT_S)
    except Exception:  # noqa: BLE001 - a lost hint is a poll's wait, whatever lost it
        return False
    return True
