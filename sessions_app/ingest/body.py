"""A request's body: read with its limit in hand, unpacked with the same limit, then parsed in its door's dialect."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.conf import settings

from sessions_app.ingest.answers import ACCEPTED_ENCODINGS, RefusedError
from sessions_app.ingest.received import Fault
from sessions_app.ingest.routes import Kind, Route, match
from sessions_app.wire.batch import Batch, WireError
from sessions_app.wire.native import parse_legacy_web, parse_native
from sessions_app.wire.parse import parse, parse_bulk
from sessions_app.wire.unpack import inflate

log = structlog.get_logger(__name__)

Headers = Mapping[bytes, bytes]
TOO_LARGE = "TOO_LARGE"
# What a server client may call its JSON; the SDKs' doors look at the body alone.
JSON_TYPES = frozenset({b"", b"application/json", b"text/json", b"text/plain"})
PARSERS: dict[str, Callable[[bytes, int, str], Batch | list[Batch]]] = {
    "server": parse,
    "bulk": parse_bulk,
    "web": parse,
    "webhook": lambda body, now_ms, platform: parse(body, now_ms, "webhook"),
    "native": parse_native,
    "legacy_web": parse_legacy_web,
}


class ClientGoneError(Exception):
    """The client closed the connection before its body was complete: nothing of it counts."""


def limit_of(route: Route) -> int:
    limit: int = settings.WEB_DOOR_MAX_BYTES if route.kind is Kind.WEB else settings.DOOR_MAX_BYTES
    return limit


def too_large_status(path: str) -> int:
    """413, but at the native doors 400: Roku keeps what is refused with anything else and sends it for ever."""
    return size_status(match(path))


def size_status(route: Route | None) -> int:
    return 400 if route is not None and route.kind is Kind.NATIVE else 413


def too_large(route: Route, limit: int) -> RefusedError:
    return RefusedError(size_status(route), TOO_LARGE, f"The body is too large: the limit is {limit} bytes.")


def check_type(route: Route, headers: Headers) -> None:
    """Refuse what can be no JSON by its own words; only servers are asked for them."""
    if route.kind is not Kind.SERVER:
        return
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind not in JSON_TYPES and not kind.endswith(b"+json"):
        raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.", ACCEPTED_ENCODINGS)


async def read(receive: Any, headers: Headers, route: Route) -> bytes:
    """The body as sent; refused as soon as it is known to be too large."""
    limit = limit_of(route)
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(route, limit)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large(route, limit)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def unpack(body: bytes, headers: Headers, route: Route) -> bytes:
    """The text of the body; raises WireError when it is not what its encoding says."""
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding in (b"", b"identity"):
        return body
    if encoding not in (b"gzip", b"x-gzip"):
        status = 400 if route.kind is Kind.NATIVE else 415
        words = "Only gzip and identity are understood."
        raise RefusedError(status, "UNSUPPORTED_MEDIA_TYPE", words, ACCEPTED_ENCODINGS)
    try:
        return inflate(body, limit_of(route))
    except WireError as error:
        if error.code == TOO_LARGE:
            raise too_large(route, limit_of(route)) from None
        raise


def read_batches(
    body: bytes, route: Route, received_at_ms: int, platform: str
) -> tuple[tuple[Batch, ...], Fault | None]:
    """The batches in a body, or why there are none. Raises nothing, whatever the bytes."""
    try:
        found = PARSERS[route.dialect](body, received_at_ms, platform)
    except WireError as error:
        return (), Fault(error.code, error.message, error.pointer)
    except Exception:
        log.exception("ingest_parser_failed", door=route.dialect)
        return (), Fault("UNREADABLE", "This body could not be read; it is kept as received.")
    batches = tuple(found) if isinstance(found, list) else (found,)
    if len(batches) > settings.BULK_MAX_BATCHES:
        most = settings.BULK_MAX_BATCHES
        return (), Fault("INVALID_BATCH", f"A bulk request holds at most {most} batch objects, not {len(batches)}.")
    return batches, None
