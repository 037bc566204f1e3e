"""One HTTP request and its connection, inside Daphne: limits, deadlines, JSON errors, a short way to the application.

Twisted reads the request; from there Daphne would take it through a queue, two timers, a chain of deferreds and a list
that is gone through every second. Here the application is called with the body at once and its answer, when it comes
in one piece, is written in one piece. Websockets take Daphne's own way.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from weakref import WeakSet

import structlog
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet import reactor as installed_reactor
from twisted.internet.protocol import Protocol
from twisted.web.http import NO_BODY_CODES, RESPONSES, HTTPChannel, _GenericHTTPChannelProtocol

from mediadash.at_once import write_at_once

log = structlog.get_logger(__name__)

# Zope's interfaces mean nothing to the type checker.
reactor: Any = installed_reactor

# Deadlines are looked at every two seconds: a timer for each of them would cost more than many a request.
IDLE_S = 60
# What is read and thrown away after a refusal, so that the client gets to read the answer.
LINGER_BYTES = 2 * 1024 * 1024
LINGER_S = 2
MAX_HEADERS = 120
# How long an application may go on after its client has left.
ORPHAN_S = 10

REASONS = {
    400: b"Bad Request",
    413: b"Content Too Large",
    503: b"Service Unavailable",
}
CODES = {400: "BAD_REQUEST", 413: "TOO_LARGE", 503: "UNAVAILABLE"}
# For 503, in seconds.
RETRY_AFTER = b"2"
# A client that means https: it fails at once instead of waiting for an answer it could not read.
TLS_HELLO = b"\x16\x03"
HEADER_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
HEADER_NAMES_KEPT = 1_000
NOT_IN_A_VALUE = re.compile(rb"[\x0b\x0c\x1c\x1d\x1e\x85]")

Header = tuple[bytes, bytes]


def refusal(status: int, message: str, code: str = "") -> bytes:
    """A whole answer of this server's own, after which the connection is closed."""
    body = error_body(status, message, code)
    lines = [
        b"HTTP/1.1 %d %s" % (status, REASONS[status]),
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        b"Access-Control-Allow-Origin: *",
        b"Connection: close",
    ]
    if status == 503:
        lines.append(b"Retry-After: " + RETRY_AFTER)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def error_body(status: int, message: str, code: str = "") -> bytes:
    """The body of an answer this server gives itself, in the form the doors use."""
    return json.dumps({"errors": [{"code": code or CODES.get(status, "INTERNAL"), "message": message}]}).encode()


class BadRequestError(Exception):
    """The request cannot be given to an application; its text says why."""


class Request(WebRequest):
    """One HTTP request, with a limit and a deadline on its body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Twisted would parse forms before the application sees them, and refuse a broken one without a word.
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)
        self.limit = self.server.max_body_bytes
        self.due_at: float | None = time.monotonic() + self.server.headers_deadline_s
        self.late = "The headers took too long; send it again."
        self.body: bytes | None = None
        self.start: dict[str, Any] | None = None
        self.gone: asyncio.Future[None] | None = None
        self.task: asyncio.Task[None] | None = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """Called by Twisted when the headers are complete."""
        self.content = BytesIO()
        self.due_at, self.late = (
            time.monotonic() + self.server.body_deadline_s,
            "The body took too long; send it again.",
        )
        if length is not None and length > self.limit:
            self.refuse_size(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Called by Twisted for each piece of the body."""
        if self.content.tell() + len(data) > self.limit:
            self.refuse_size()
            return
        self.content.write(data)

    def check_timeouts(self) -> None:
        """Called every two seconds."""
        if self.due_at is not None and time.monotonic() > self.due_at:
            # Not 408: SDKs throw away what any 4xx but 429 refuses, and this may only be a slow network.
            self.refuse(503, self.late)

    # -- to the application

    def process(self) -> Any:
        """Called by Twisted when the request is complete."""
        self.due_at = None
        if self.requestHeaders.hasHeader(b"Upgrade"):
            return super().process()
        self.request_start = time.time()
        try:
            scope = self.scope()
        except BadRequestError as error:
            return self.basic_error(400, b"Bad Request", str(error))
        self.body = self.content.getvalue()
        self.task = self.server.begin(self.run(scope))
        return None

    def scope(self) -> dict[str, Any]:
        """What ASGI tells an application of a request; BadRequestError when it could be read two ways."""
        headers = list(clean_headers(self.requestHeaders.getAllRawHeaders()))
        if len(self.requestHeaders.getRawHeaders(b"Host", ())) > 1:
            raise BadRequestError("More than one Host header.")
        if self.requestHeaders.hasHeader(b"Transfer-Encoding") and self.requestHeaders.hasHeader(b"Content-Length"):
            raise BadRequestError("Content-Length and Transfer-Encoding exclude one another.")
        if not self.uri.isascii():
            raise BadRequestError("Invalid characters in path.")
        path, client, host = self.path.decode("ascii"), self.client, self.host
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": self.clientproto.rpartition(b"/")[2].decode("ascii"),
            "method": self.method.decode("latin-1"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": self.path,
            "root_path": self.server.root_path,
            "scheme": "http",
            "query_string": self.uri.partition(b"?")[2],
            "headers": headers,
            "client": [str(client.host), client.port] if hasattr(client, "port") else None,
            "server": [str(host.host), host.port] if hasattr(host, "port") else None,
        }

    async def run(self, scope: dict[str, Any]) -> None:
        """The application from its call to its end; one that answers nothing is answered for."""
        try:
            await self.server.application(scope, self.receive, self.send)
        except Exception:
            log.exception("application_failed", path=scope["path"][:200])
        if not self.finished and self.channel is not None:
            self.basic_error(500, b"Internal Server Error", "This went wrong here.")

    async def receive(self) -> dict[str, Any]:
        """The whole body first; after that only that the client has left, or has its answer."""
        body, self.body = self.body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        if not self.finished and self.channel is not None:
            if self.gone is None:
                self.gone = asyncio.get_running_loop().create_future()
            await asyncio.shield(self.gone)
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if self.finished or self.channel is None:
            return
        if message["type"] == "http.response.start":
            if self.start is not None:
                raise ValueError("HTTP response has already been started")
            self.start = message
        elif self.start is None:
            raise ValueError("HTTP response has not yet been started")
        elif self._response_started or message.get("more_body"):
            if not self._response_started:
                self.handle_reply(self.start)
            self.handle_reply(message)
        else:
            self.answer(self.start["status"], self.start.get("headers", ()), message.get("body", b""))

    def answer(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """A whole answer in one write."""
        lines = [b"%s %d %s" % (self.clientproto, status, RESPONSES.get(status, b"Unknown"))]
        lines += [b"%s: %s" % header for header in headers]
        if status not in NO_BODY_CODES and not any(name.lower() == b"content-length" for name, _ in headers):
            lines.append(b"content-length: %d" % len(body))
        if not self.channel.persistent:
            lines.append(b"connection: close")
        head = b"\r\n".join(lines)
        if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1:
            raise ValueError("A header holds a line break")
        has_body = status not in NO_BODY_CODES and self.method != b"HEAD"
        self._response_started, self.startedWriting, self.code = True, 1, status
        write_at_once(self.channel.transport, head + b"\r\n\r\n" + (body if has_body else b""))
        self.finish()

    # -- the end

    def finish(self) -> None:
        self.let_go()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.due_at = None
        self.let_go()
        super().connectionLost(reason)
        if self.task is not None and not self.task.done():
            reactor.callLater(ORPHAN_S, self.task.cancel)

    def let_go(self) -> None:
        if self.gone is not None and not self.gone.done():
            self.gone.set_result(None)

    def refuse_size(self, still_to_come: int | None = None) -> None:
        # Twisted tells a request its own path only when it is complete.
        path = self.channel._path.partition(b"?")[0].decode("latin-1")
        status = self.server.too_large_status(path)
        self.refuse(status, f"The body is too large: at most {self.limit} bytes.", still_to_come, CODES[413])

    def refuse(self, status: int, message: str, still_to_come: int | None = None, code: str = "") -> None:
        """Answer now, read a little more so that the answer can be read, and close."""
        self.due_at = None
        channel = self.channel
        if channel is None or channel.transport is None:
            return
        channel.transport.write(refusal(status, message, code))
        Lingering(channel, still_to_come)

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        if self._response_started:
            self.channel.loseConnection()
            return
        headers = [(b"Content-Type", b"application/json"), (b"Access-Control-Allow-Origin", b"*")]
        if status == 503:
            headers.append((b"Retry-After", RETRY_AFTER))
        self.answer(status, headers, error_body(status, body))


_names: dict[bytes, bytes] = {}


def clean_headers(found: Iterable[tuple[bytes, list[bytes]]]) -> Iterable[Header]:
    """Names in lower case; none with an underscore, which others would read as a dash (CVE-2015-0219)."""
    for name, values in found:
        lower = _names.get(name) or known_name(name)
        for value in values:
            if NOT_IN_A_VALUE.search(value):
                raise BadRequestError("Invalid header value.")
            if b"_" not in lower:
                yield lower, value


def known_name(name: bytes) -> bytes:
    if not HEADER_NAME.fullmatch(name):
        raise BadRequestError("Invalid header name.")
    if len(_names) < HEADER_NAMES_KEPT:
        _names[name] = name.lower()
    return name.lower()


class Lingering:
    """Takes a refused connection's remaining bytes and throws them away, up to a limit in bytes and time.

    Closing with bytes unread makes the kernel send a reset, and the client may never see the answer.
    """

    def __init__(self, channel: Any, expected: int | None) -> None:
        self.transport = channel.transport
        self.left = LINGER_BYTES if expected is None else min(expected, LINGER_BYTES)
        channel.dataReceived = self.data_received
        # The client sees the end of the answer now, while we still take what it sends.
        self.transport.loseWriteConnection()
        self.end = reactor.callLater(LINGER_S, self.close)

    def data_received(self, data: bytes) -> None:
        self.left -= len(data)
        if self.left <= 0:
            self.close()

    def close(self) -> None:
        if self.end.active():
            self.end.cancel()
        self.transport.loseConnection()


class Channel(HTTPChannel):
    """A connection that notes when it was last heard, instead of setting a timer anew for each request."""

    timeOut = None  # noqa: N815  Twisted's
    totalHeadersSize = 32 * 1024  # noqa: N815
    maxHeaders = MAX_HEADERS  # noqa: N815

    def __init__(self, first_line_deadline_s: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.first_line_deadline_s = first_line_deadline_s
        self.heard_at = time.monotonic()
        # Since when bytes have come that are no request yet.
        self.unclear_since: float | None = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self.heard_at = time.monotonic()
        if not self.requests and self.unclear_since is None:
            if data.startswith(TLS_HELLO):
                self.hang_up()
                return
            self.unclear_since = self.heard_at
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self.requests:
            self.unclear_since = None

    def requestDone(self, request: Any) -> None:  # noqa: N802
        self.heard_at = time.monotonic()
        self.unclear_since = None
        super().requestDone(request)  # type: ignore[no-untyped-call]

    def check_timeouts(self) -> None:
        """Called every two seconds: nothing may stay open for nothing. A request under way has its own deadlines."""
        now = time.monotonic()
        is_unclear = self.unclear_since is not None and now - self.unclear_since > self.first_line_deadline_s
        if not self.requests and (is_unclear or now - self.heard_at > IDLE_S):
            self.hang_up()

    def hang_up(self) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()


class OneTooMany(Protocol):
    """A connection beyond what this process holds: told to come again, and closed."""

    def connectionMade(self) -> None:  # noqa: N802
        transport: Any = self.transport
        transport.write(refusal(503, "Too many connections; come again."))
        transport.loseConnection()


class Factory(HTTPFactory):
    """Builds connections that speak our `Request`, and closes those that never begin one or are too many."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.channels: WeakSet[Channel] = WeakSet()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        # Every open connection is one the reactor reads from.
        if len(reactor.getReaders()) > self.server.most_connections:
            return OneTooMany()
        channel = Channel(self.server.headers_deadline_s)
        protocol = _GenericHTTPChannelProtocol(channel)
        protocol.factory = self
        protocol.requestFactory = Request
        protocol.callLater = reactor.callLater
        self.channels.add(channel)
        return protocol

    def log(self, request: Any) -> None:
        """Nothing: Twisted would format a line of an access log that nobody keeps, for a twentieth of a request."""

    def check_timeouts(self) -> None:
        for channel in list(self.channels):
            with contextlib.suppress(Exception):
                channel.check_timeouts()
