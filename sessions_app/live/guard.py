"""Looks after all websockets of one process: who may no longer watch, and who reads too slowly, is closed.

Permission is asked of Postgres every few seconds in a handful of queries for everybody, so that an account switched
off, a role taken away or a sign-out closes the sockets within five seconds, with or without Valkey.
"""

import asyncio
import time
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import structlog

from sessions_app.live import access

NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
TOO_SLOW = 4409
LOOK_EVERY_S = 1.0
ASK_EVERY_S = 3.0
# How long a reader may stay out of credit.
BEHIND_LIMIT_S = 10.0

log = structlog.get_logger(__name__)


class Guarded(Protocol):
    """What the guard needs of a socket."""

    person: access.Person | None
    workspace_id: int
    behind_since: float | None

    def end(self, code: int) -> None: ...


class Guard:
    """The open websockets of one event loop."""

    def __init__(self) -> None:
        self.sockets: set[Guarded] = set()
        self.counts: dict[access.Person, int] = {}
        self.task: asyncio.Task[None] | None = None
        self.asked_at = 0.0

    def add(self, socket: Guarded) -> None:
        self.sockets.add(socket)
        if socket.person is not None:
            self.counts[socket.person] = self.counts.get(socket.person, 0) + 1
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._look())

    def remove(self, socket: Guarded) -> None:
        if socket not in self.sockets:
            return
        self.sockets.discard(socket)
        if socket.person is not None:
            left = self.counts[socket.person] - 1
            self.counts.pop(socket.person) if left == 0 else self.counts.update({socket.person: left})

    def sockets_of(self, person: access.Person) -> int:
        """How many sockets this user, or this token, has open, over all their sign-ins."""
        return sum(count for other, count in self.counts.items() if other.name == person.name)

    async def _look(self) -> None:
        while self.sockets:
            await asyncio.sleep(LOOK_EVERY_S)
            self.close_the_slow(time.monotonic())
            if time.monotonic() - self.asked_at >= ASK_EVERY_S:
                try:
                    await self.close_the_unwelcome()
                except Exception as error:  # noqa: BLE001 - without Postgres nothing is shown anyway; ask again
                    log.warning("live_permission_unknown", error=repr(error))

    def close_the_slow(self, now: float) -> None:
        for socket in list(self.sockets):
            if socket.behind_since is not None and now - socket.behind_since > BEHIND_LIMIT_S:
                socket.end(TOO_SLOW)

    async def close_the_unwelcome(self) -> None:
        self.asked_at = time.monotonic()
        # Who comes while the question is under way has just been asked at the door, and is not in the answer.
        asked = list(self.sockets)
        standings: dict[Any, access.Standing] = dict(await access.standings(self.counts))
        for socket in asked:
            standing = standings.get(socket.person)
            if standing is None:
                socket.end(NOT_SIGNED_IN)
            elif socket.workspace_id and not standing.allows(socket.workspace_id):
                socket.end(NOT_ALLOWED)


_guards: WeakKeyDictionary[asyncio.AbstractEventLoop, Guard] = WeakKeyDictionary()


def guard() -> Guard:
    """The running loop's own."""
    return _guards.setdefault(asyncio.get_running_loop(), Guard())
