"""One websocket: opened, admitted, listened to, written to, closed. What it shows is its subclass's (consumers.py).

These are plain ASGI applications rather than Channels' consumers: those take a channel of the layer for every socket
and a thread for every message, and a dead layer would close them all. Here one channel serves the whole process.

Nothing that offers a frame ever waits for a browser. Frames wait in `outbox` as long as there is credit; when that
is used up the rest is left out, and a browser that catches up is brought to the latest state at once.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import psycopg
from psycopg_pool import PoolTimeout

from sessions_app.live import access
from sessions_app.live.credit import Credit
from sessions_app.live.guard import guard
from sessions_app.live.messages import Refused, Said, error_text, read, seq_of_text
from sessions_app.live.watched import Frame

NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
NO_SUCH_THING = 4404
TEXT_ONLY = 1003
MISBEHAVED = 1008
TOO_BIG = 1009
TRY_AGAIN = 1013

SOCKETS_PER_PERSON = 20
MESSAGES_PER_S = 20.0
# A burst, and an acknowledgement's part of a message: a page may acknowledge every frame it gets.
MESSAGES_AT_ONCE = 60.0
ACK_COSTS = 0.1
MOST_REFUSALS = 20
LONGEST_MESSAGE = 64 * 1024


WRITE_NOW = "mediadash.write_now"


class Closed(Exception):  # noqa: N818 - the ordinary end of a socket
    """Close the websocket with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Socket:
    """One browser's websocket."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.person: access.Person | None = None
        self.workspace_id = 0
        self.credit = Credit()
        self.behind_since: float | None = None
        self.offered_seq: int | None = None
        self.outbox: deque[Frame] = deque()
        # Our own server's short way out (mediadash/server.py): True when it took the bytes.
        self.write_now: Callable[[bytes], bool] | None = scope.get("extensions", {}).get(WRITE_NOW)
        self.something_to_do = asyncio.Event()
        self.end_code: int | None = None
        self.refusals = 0
        self.allowance, self.allowance_at = MESSAGES_AT_ONCE, time.monotonic()

    # --- what a subclass shows ------------------------------------------------------------------------------

    async def open(self, standing: access.Standing) -> None:
        """Find what is to be watched, set `workspace_id`, offer the first frame; raises Closed."""
        raise Closed(NO_SUCH_THING)

    def catch_up(self, seq: int | None) -> None:
        """Offer what somebody needs who has read up to `seq`; None: everything."""

    def leave(self) -> None:
        """Watch no longer."""

    # --- its life -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        await self.receive()  # websocket.connect
        await self.send({"type": "websocket.accept"})
        writer = asyncio.create_task(self._write())
        try:
            await self._admit()
            await self._listen()
        except Closed as closed:
            self.end(closed.code)
            await writer
        except (psycopg.OperationalError, PoolTimeout):
            self.end(TRY_AGAIN)
            await writer
        finally:
            writer.cancel()
            guard().remove(self)
            self.leave()

    async def _admit(self) -> None:
        person = access.person_of(self.scope)
        standing = await access.desk().standing_of(person) if person else None
        if person is None or standing is None:
            raise Closed(NOT_SIGNED_IN)
        self.person = person
        if guard().sockets_of(person) >= SOCKETS_PER_PERSON:
            self._refuse(Refused("TOO_MANY_SOCKETS", f"At most {SOCKETS_PER_PERSON} connections at once."))
            raise Closed(MISBEHAVED)
        guard().add(self)
        await self.open(standing)

    async def _listen(self) -> None:
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return
            if self.end_code is not None:
                continue
            text = message.get("text")
            if text is None:
                raise Closed(TEXT_ONLY)
            if len(text) > LONGEST_MESSAGE:
                raise Closed(TOO_BIG)
            try:
                self._hear(read(text))
            except Refused as refused:
                self._spend(1.0)
                self._refuse(refused)

    def _hear(self, said: Said) -> None:
        self._spend(ACK_COSTS if said.verb == "ack" else 1.0)
        self.credit.acknowledge(said.seq)
        if said.verb == "resume":
            self.behind_since = None
            self.catch_up(said.seq)
        elif self.behind_since is not None and self.credit.is_ample:
            self.behind_since = None
            self.catch_up(self.offered_seq)

    def _spend(self, cost: float) -> None:
        now = time.monotonic()
        grown = self.allowance + (now - self.allowance_at) * MESSAGES_PER_S
        self.allowance, self.allowance_at = min(MESSAGES_AT_ONCE, grown) - cost, now
        if self.allowance < 0:
            raise Closed(MISBEHAVED)

    def _refuse(self, refused: Refused) -> None:
        self.refusals += 1
        if self.refusals > MOST_REFUSALS:
            raise Closed(MISBEHAVED)
        self.outbox.append(Frame(error_text(refused), 0))
        self.something_to_do.set()

    # --- writing --------------------------------------------------------------------------------------------

    def offer(self, frame: Frame) -> None:
        """Send a frame when there is credit for it; else note that the browser is behind."""
        if self.behind_since is not None or self.end_code is not None:
            return
        if self.credit.used_up:
            self.behind_since = time.monotonic()
            return
        self.credit.spend(frame.seq, len(frame.text))
        self.offered_seq = frame.seq
        if not self.outbox and self.write_now is not None and self.write_now(frame.wire):
            return
        self.outbox.append(frame)
        self.something_to_do.set()

    def end(self, code: int) -> None:
        """Close once what is in the outbox is written."""
        if self.end_code is None:
            self.end_code = code
            self.something_to_do.set()

    async def _write(self) -> None:
        while True:
            await self.something_to_do.wait()
            self.something_to_do.clear()
            while self.outbox:
                await self.send({"type": "websocket.send", "text": self.outbox.popleft().text})
            if self.end_code is not None:
                await self.send({"type": "websocket.close", "code": self.end_code})
                return

    # --- helping subclasses ---------------------------------------------------------------------------------

    def query(self) -> dict[str, list[str]]:
        """The URL's query; {} for one that is none."""
        try:
            return parse_qs(self.scope["query_string"].decode("ascii"), max_num_fields=50)
        except (ValueError, UnicodeDecodeError):
            return {}

    def asked_after(self) -> int | None:
        """`?after=SEQ`; a wrong one is refused aloud and counts as none."""
        values = self.query().get("after")
        if not values:
            return None
        try:
            return seq_of_text(values[-1], "after")
        except Refused as refused:
            self._refuse(refused)
            return None
