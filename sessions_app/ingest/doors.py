"""The doors clients post to: a plain ASGI application beside Django, because this is the hot path.

One request: which door, is there room, whose key, how large, what it says, stored, answered. 202 is said after the
commit and never before. Nothing here answers HTML, and whatever a page may ask for it may also read (CORS).
"""

import asyncio
import time
from typing import Any

import msgspec
import structlog
from django.conf import settings

from sessions_app.ingest import admission, answers, body, companions, routes
from sessions_app.ingest.answers import Answer, RefusedError
from sessions_app.ingest.body import ClientGoneError
from sessions_app.ingest.inputs import KnownInput
from sessions_app.ingest.received import Fault, Received
from sessions_app.ingest.routes import Kind, Route, is_door
from sessions_app.ingest.runtime import Runtime, runtime
from sessions_app.ingest.writer import UnavailableError
from sessions_app.wire.batch import WireError

__all__ = ["doors", "is_door"]

log = structlog.get_logger(__name__)

# Bodies from this size on are parsed on a thread, so that others are not kept waiting by one.
LARGE_BODY = 256 * 1024
# What helps to explain a batch later.
KEPT_HEADERS = (b"user-agent", b"content-type", b"content-encoding", b"date", b"origin")
LONGEST_HEADER = 300


async def doors(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application. Only to be called for paths of which `is_door` is true."""
    route = routes.match(scope["path"])
    if route is None:
        await answers.send_answer(send, RefusedError(404, "NOT_FOUND", "There is no such door.").answer(), False)
        return
    try:
        answer = await answer_for(route, scope, receive)
    except ClientGoneError:
        return
    await answers.send_answer(send, answer, route.is_for_browsers, scope["method"] != "HEAD")


async def answer_for(route: Route, scope: Any, receive: Any) -> Answer:
    headers = dict(scope["headers"])
    running = runtime()
    try:
        return await handle(route, scope, headers, receive, running)
    except RefusedError as error:
        refused = error
    except UnavailableError as error:
        refused = RefusedError(503, "UNAVAILABLE", "The database cannot take this now; send it again.")
        refused.__cause__ = error
    except ClientGoneError:
        raise
    except Exception:
        log.exception("ingest_door_failed", door=route.kind.value)
        refused = RefusedError(503, "UNAVAILABLE", "This went wrong here; send it again.")
    client = headers.get(b"user-agent", b"").decode("latin-1")
    running.note_refusal(refused.input_id, refused.status, refused.code, refused.message, client)
    return refused.answer()


async def handle(route: Route, scope: Any, headers: dict[bytes, bytes], receive: Any, running: Runtime) -> Answer:
    """One request from its method to its answer; RefusedError for every way to be turned away."""
    method = scope["method"]
    if method not in route.methods:
        if method == "OPTIONS":
            return Answer(204, b"", ((b"allow", b"POST, OPTIONS"),))
        allowed = (b"allow", ", ".join(route.methods).encode())
        raise RefusedError(405, "METHOD_NOT_ALLOWED", f"This door takes {' and '.join(route.methods)}.", allowed)
    if method == "OPTIONS":
        return answers.preflight(route.methods)
    source = await admission.admit(route, headers, running.known_inputs)
    try:
        if route.kind in companions.ANSWERS:
            return await companions.ANSWERS[route.kind](route, source, scope, headers, receive)
        return await take(route, source, headers, receive, running)
    except RefusedError as error:
        error.input_id = source.id
        raise


async def take(route: Route, source: KnownInput, headers: dict[bytes, bytes], receive: Any, running: Runtime) -> Answer:
    """Read, parse and store one upload of events."""
    make_room(source, running)
    body.check_type(route, headers)
    sent = await body.read(receive, headers, route)
    received = await read(route, source, headers, sent, running)
    more = len(received.batches) - 1
    if more > 0:
        running.buckets.take(source.id, rate_of(source), time.monotonic(), more)
    outcome = await running.store(received)
    return answers.for_outcome(status_of(route, received), outcome)


def make_room(source: KnownInput, running: Runtime) -> None:
    """The back-pressure ladder, before anything of the body is read."""
    now = time.monotonic()
    if not running.buckets.take(source.id, rate_of(source), now):
        raise RefusedError(429, "RATE_LIMITED", "This key sends more than it may; slow down.")
    if running.is_overloaded(now):
        raise RefusedError(503, "UNAVAILABLE", "Too much is waiting to be stored; send it again.")
    if running.disk.reached(now):
        raise RefusedError(503, "UNAVAILABLE", "The disk is almost full; nothing more is taken.")


def rate_of(source: KnownInput) -> float:
    return float(source.rate_per_s or settings.KEY_RATE_PER_S)


async def read(
    route: Route, source: KnownInput, headers: dict[bytes, bytes], sent: bytes, running: Runtime
) -> Received:
    received_at_ms = int(time.time() * 1000)
    kept = kept_headers(headers)
    try:
        text = body.unpack(sent, headers, route)
    except WireError as error:
        unreadable = Fault(error.code, error.message, error.pointer)
        return Received(source, route.dialect, kept, received_at_ms, sent, fault=unreadable)
    if route.kind is Kind.NATIVE:
        source = await admission.signer(source, headers, text, running.known_inputs)
    arguments = (text, route, received_at_ms, source.platform)
    if len(text) < LARGE_BODY:
        batches, fault = body.read_batches(*arguments)
    else:
        batches, fault = await asyncio.to_thread(body.read_batches, *arguments)
    return Received(source, route.dialect, kept, received_at_ms, text, batches, fault)


def status_of(route: Route, received: Received) -> int:
    """202 ends an upload. A body that is no batch is 400, except to pages: they would send it again for ever."""
    return 400 if received.fault is not None and route.kind is not Kind.WEB else 202


_kept: dict[tuple[bytes, ...], bytes] = {}


def kept_headers(headers: dict[bytes, bytes]) -> bytes:
    """The headers worth keeping, as JSON; the same few clients send the same ones all day."""
    values = tuple(headers.get(name, b"") for name in KEPT_HEADERS)
    found = _kept.get(values)
    if found is None:
        texts = {
            name.decode(): "".join(char for char in value.decode("latin-1") if char.isprintable())[:LONGEST_HEADER]
            for name, value in zip(KEPT_HEADERS, values, strict=True)
            if value
        }
        if len(_kept) > 2_000:
            _kept.clear()
        found = _kept[values] = msgspec.json.encode(texts)
    return found
