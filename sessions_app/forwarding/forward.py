"""The forwarder: claims what is due, sends it, writes down what came of it, until nothing is due or time is up.

Every destination has its own coroutine, so that a slow one delays nobody else; all of them share one worker process, so
that slow ones leave the others to settle and export. The database is only touched on the
caller's own thread (`in_database`); the event loop beside it does nothing but wait for networks.
"""

import asyncio
import os
import socket
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import async_to_sync, sync_to_async

from mediadash.crypto import UnreadableSecretError
from sessions_app.forwarding import outbox
from sessions_app.forwarding.client import Client
from sessions_app.forwarding.frozen import CannotBeMadeError, freeze
from sessions_app.forwarding.outcome import Outcome, write_down
from sessions_app.forwarding.retry import Answer
from sessions_app.models import Delivery, Destination
from sessions_app.models.clock import database_now

log = structlog.get_logger(__name__)

# mParticle's default limit is 270 batches a second; a backlog is drained at 80 % of it.
BATCHES_PER_S = 216
RUN_S = 15.0
LOOK_AGAIN_S = 1.0

Body = bytes | CannotBeMadeError


def forward_due(run_s: float = RUN_S) -> int:
    """Send what is due; returns how many requests were made. Called in several workers at once, one of them runs."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"[:64]
    outbox.release_expired()
    if outbox.somebody_forwards():
        return 0
    destinations = outbox.lease_destinations(owner)
    if not destinations:
        return 0
    return async_to_sync(forward_all)(destinations, owner, time.monotonic() + run_s)


async def forward_all(destinations: list[Destination], owner: str, until: float) -> int:
    """One run serves every destination, those too that get something to do meanwhile: slow ones may keep one worker
    waiting, never all. After its time it goes on for the quick ones while it waits for the last answers of the slow."""
    made, slow, runs_until = 0, set[int](), until
    runs: dict[asyncio.Task[int], int] = {}
    while True:
        runs |= {asyncio.create_task(forward_to(one, owner, runs_until)): one.pk for one in destinations}
        done, _ = await asyncio.wait(runs, timeout=LOOK_AGAIN_S)
        made += sum(task.result() for task in done)
        runs = {task: pk for task, pk in runs.items() if task not in done}
        if not runs:
            return made
        if (now := time.monotonic()) > until + LOOK_AGAIN_S:
            slow |= set(runs.values())
        runs_until = max(until, now + LOOK_AGAIN_S / 2)
        destinations = await in_database(outbox.lease_destinations, owner, slow)


async def forward_to(destination: Destination, owner: str, until: float) -> int:
    """Everything due for one destination; whatever goes wrong here is this destination's alone."""
    try:
        async with Client(destination.url, destination.key, destination.secret()) as client:
            return await drain(destination.pk, owner, client, until)
    except UnreadableSecretError as error:
        await in_database(hold, destination.pk, "unreadable_secret", str(error))
    except Exception:
        log.exception("forwarding failed", destination=destination.pk)
    finally:
        await in_database(outbox.return_destination, destination.pk, owner)
    return 0


async def drain(destination: int, owner: str, client: Client, until: float) -> int:
    pace, made = Pace(BATCHES_PER_S), 0
    under_way: set[asyncio.Task[Outcome]] = set()
    try:
        while True:
            claimed: list[tuple[Delivery, Body]] = []
            if time.monotonic() < until:
                claimed = await in_database(claim_frozen, destination, owner, len(under_way))
            under_way |= {asyncio.create_task(send(client, pace, *one)) for one in claimed}
            if not under_way:
                return made
            done, under_way = await asyncio.wait(under_way, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            made += len(done)
            if done:
                await in_database(write_down, destination, owner, [task.result() for task in done])
    finally:
        for task in under_way:
            task.cancel()


def claim_frozen(destination: int, owner: str, in_flight: int) -> list[tuple[Delivery, Body]]:
    """Claim, and only then make the bodies: a body that kills the worker must find its claim counted."""
    claimed = outbox.claim(destination, owner, in_flight)
    return freeze(claimed, database_now()) if claimed else []


async def send(client: Client, pace: "Pace", delivery: Delivery, body: Body) -> Outcome:
    if isinstance(body, CannotBeMadeError):
        return Outcome(delivery.pk, Answer(None, str(body)), cannot_be_made=True)
    await pace.turn()
    return Outcome(delivery.pk, await client.send(body))


def hold(destination: int, reason: str, error: str) -> None:
    Destination.objects.filter(pk=destination).update(held_reason=reason, last_error=error)


def in_database(function: Callable[..., Any], *args: Any) -> Any:
    """Run on the thread that called `forward_due`, with its connection and its transaction."""
    return sync_to_async(function, thread_sensitive=True)(*args)


class Pace:
    """At most so many a second, evenly."""

    def __init__(self, per_s: int) -> None:
        self.gap_s = 1 / per_s
        self.next_at = 0.0

    async def turn(self) -> None:
        now = time.monotonic()
        self.next_at = max(now, self.next_at + self.gap_s)
        if self.next_at > now:
            await asyncio.sleep(self.next_at - now)
