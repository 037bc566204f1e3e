"""Many viewers at once: live, a new one for each that leaves, and viewers of the hours before.

One heap of moments drives all seats. Live, the crowd sleeps until the next moment; for the past it does not. Each
seat's uploads leave in order, all of them over one HTTP client.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from sessions_app.player.seat import Seat
from sessions_app.player.session import now_ms
from sessions_app.player.transport import AsyncSender, Door, Request

# Events a second of one viewer that are no pulse: the start, ads, pauses, the end.
_OTHER_EVENTS_PER_S = 0.06
_EVENTS_OF_A_START = 6
_FIRST_WAVE = 24
# For how long the first wave has been watching, and how often to look for somebody who stayed.
_BEGAN_AGO_S = (45, 840)
_TRIES_TO_STAY = 20
_PAST_PULSE_S = 10.0
_PAST_FLUSH_S = 60.0
_PAST_AT_ONCE = 3
_LAST_WORDS_S = 10.0


@dataclass
class Counts:
    """What was sent, for the line the command prints."""

    seated: int = 0
    sessions: int = 0
    requests: int = 0
    refused: int = 0
    undelivered: int = 0
    last_status: int | None = None


@dataclass(order=True)
class _Moment:
    due_ms: int
    number: int
    seat: Seat = field(compare=False)
    is_flush: bool = field(compare=False)


class Crowd:
    """`sessions` viewers who together send about `rate` events a second."""

    def __init__(
        self,
        sender: AsyncSender,
        doors: Mapping[str, Door],
        *,
        sessions: int,
        rate: float,
        seed: str,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self.counts = Counts()
        self.stopping = asyncio.Event()
        self._sender = sender
        self._doors = doors
        self._sessions = sessions
        self._rate = rate
        self._seed = seed
        self._now = now
        self._rng = Random(seed)  # noqa: S311  a demo's dice
        self._moments: list[_Moment] = []
        self._numbers = itertools.count()
        self._queues: dict[Seat, asyncio.Lock] = {}
        self._uploads: set[asyncio.Task[None]] = set()

    async def live(self, minutes: float | None = None) -> None:
        """Play until told to stop, or for some minutes; then deliver what is waiting."""
        until_ms = self._now() + int(minutes * 60_000) if minutes is not None else None
        self._seat_everybody()
        while not self.stopping.is_set():
            moment = self._moments[0]
            wait_s = (moment.due_ms - self._now()) / 1000
            if until_ms is not None and moment.due_ms > until_ms:
                break
            if wait_s > 0:
                await self._sleep(wait_s)
                continue
            heapq.heappop(self._moments)
            self._happen(moment)
            await asyncio.sleep(0)
        await self._say_goodbye()

    async def _say_goodbye(self) -> None:
        """Everybody leaves, so that nobody seems to watch for hours after the last of them is gone."""
        for seat in list(self._queues):
            seat.clock_ms = max(seat.clock_ms, self._now())
            seat.leave()
            self._upload(seat)
        if self._uploads:
            await asyncio.wait(self._uploads, timeout=_LAST_WORDS_S)

    async def past(self, hours: float, sessions: int) -> None:
        """Send sessions that began and ended within the last hours, oldest first."""
        now = self._now()
        starts = sorted(now - int(self._rng.uniform(0.1, hours) * 3_600_000) for _ in range(sessions))
        room = asyncio.Semaphore(_PAST_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for started_at_ms in starts:
                await room.acquire()
                if self.stopping.is_set():
                    break
                seat = self._new_seat(started_at_ms, _PAST_PULSE_S)
                seat.viewing.may_go_silently = False
                group.create_task(self._send_past(_played_out(seat, now), room))

    async def _send_past(self, requests: list[Request], room: asyncio.Semaphore) -> None:
        try:
            for request in requests:
                if not self.stopping.is_set():
                    await self._send(request)
            self.counts.sessions += bool(requests)
        finally:
            room.release()

    def _seat_everybody(self) -> None:
        """The first few at once and for minutes already, so that there is something to see; the rest by the rate."""
        start_ms = self._now()
        for index in range(self._sessions):
            if index < _FIRST_WAVE and self._seat_long_since(start_ms, start_ms + index * 60):
                continue
            late_s = index * 0.06 if index < _FIRST_WAVE else (index - _FIRST_WAVE) * _EVENTS_OF_A_START / self._rate
            self._seat_one(start_ms + int(late_s * 1000))

    def _seat_long_since(self, now: int, at_ms: int) -> bool:
        """A viewer who began minutes ago; what they have seen so far is their first upload. False: nobody stayed."""
        for _ in range(_TRIES_TO_STAY):
            seat = self._new_seat(now - int(self._rng.uniform(*_BEGAN_AGO_S) * 1000), _PAST_PULSE_S)
            seat.viewing.may_go_silently = False
            wait: float | None = 0.0
            while wait is not None and seat.clock_ms < now:
                if (wait := seat.step()) is not None:
                    seat.clock_ms += int(wait * 1000)
            if wait is not None:
                seat.viewing.pulse_s = self._pulse_s()
                self._take_place(seat, seat.clock_ms, at_ms)
                return True
        return False

    def _seat_one(self, at_ms: int) -> None:
        self._take_place(self._new_seat(at_ms, self._pulse_s()), at_ms, at_ms)

    def _take_place(self, seat: Seat, moves_at_ms: int, at_ms: int) -> None:
        self.counts.seated += 1
        self._queues[seat] = asyncio.Lock()
        self._push(moves_at_ms, seat, is_flush=False)
        self._push(at_ms + int(seat.flush_s * self._rng.uniform(300, 1000)), seat, is_flush=True)

    def _new_seat(self, at_ms: int, pulse_s: float) -> Seat:
        people = max(20, self._sessions * 2)
        number = next(self._numbers)
        return Seat(self._seed, number, people=people, doors=self._doors, pulse_s=pulse_s, starts_at_ms=at_ms)

    def _pulse_s(self) -> float:
        return min(30.0, max(1.0, 1 / max(0.01, self._rate / self._sessions - _OTHER_EVENTS_PER_S)))

    def _push(self, due_ms: int, seat: Seat, is_flush: bool) -> None:
        heapq.heappush(self._moments, _Moment(due_ms, next(self._numbers), seat, is_flush))

    def _happen(self, moment: _Moment) -> None:
        seat = moment.seat
        seat.clock_ms = moment.due_ms
        if moment.is_flush:
            self._upload(seat)
            if seat in self._queues:
                wait_s = seat.flush_s + seat.offline_s()
                self._push(moment.due_ms + int(wait_s * 1000), seat, is_flush=True)
            return
        wait = seat.step()
        if wait is not None:
            self._push(moment.due_ms + int(wait * 1000), seat, is_flush=False)
        else:
            self._upload(seat)
            del self._queues[seat]
            self.counts.sessions += 1
            self._seat_one(moment.due_ms + int(self._rng.uniform(200, 2500)))

    def _upload(self, seat: Seat) -> None:
        requests = seat.flush()
        if requests:
            task = asyncio.create_task(self._send_in_order(self._queues.get(seat), requests))
            self._uploads.add(task)
            task.add_done_callback(self._uploads.discard)

    async def _send_in_order(self, queue: asyncio.Lock | None, requests: list[Request]) -> None:
        async with queue or asyncio.Lock():
            for request in requests:
                await self._send(request)

    async def _send(self, request: Request) -> None:
        status = await self._sender.send(request)
        self.counts.requests += 1
        self.counts.last_status = status
        if status is None or status == 429 or status >= 500:
            self.counts.undelivered += 1
        elif status >= 300:
            self.counts.refused += 1

    async def _sleep(self, seconds: float) -> None:
        """Until then, or until told to stop."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def _played_out(seat: Seat, now: int) -> list[Request]:
    """All uploads of a seat from its start to its end; none when it would still be watching now."""
    requests: list[Request] = []
    flush_at_ms = seat.clock_ms + int(_PAST_FLUSH_S * 1000)
    while (wait := seat.step()) is not None:
        seat.clock_ms += int(wait * 1000)
        if seat.clock_ms > now - 5_000:
            return []
        if seat.clock_ms >= flush_at_ms:
            requests += seat.flush()
            flush_at_ms = seat.clock_ms + int(_PAST_FLUSH_S * 1000)
    return requests + seat.flush()
