"""Daphne inside our own shell: what it leaves open, closed.

Bare Daphne reads a body of any size before anyone looks at it, waits for ever on a dripping one, answers its own
errors in HTML, and cuts requests in flight on SIGTERM. Here a body has a limit while it is read and a deadline, every
error is JSON, and SIGTERM drains: stop listening, finish what is under way, close websockets with 1012, leave.
"""

import asyncio
import json
import signal
import socket
import time
from io import BytesIO
from typing import Any

from daphne import server as daphne_server  # first: it installs the asyncio reactor
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor as installed_reactor
from twisted.logger import globalLogBeginner

from mediadash.process import this

# Zope's interfaces mean nothing to the type checker.
reactor: Any = installed_reactor

HEADERS_DEADLINE_S = 10
BODY_DEADLINE_S = 30
IDLE_S = 60
DRAIN_S = 10
# What is read and thrown away after a refusal, so that the client gets to read the answer.
LINGER_BYTES = 2 * 1024 * 1024
LINGER_S = 2
MAX_HEADERS = 120
WEBSOCKET_MESSAGE_BYTES = 64 * 1024
SERVICE_RESTART = 1012

REASONS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    413: b"Content Too Large",
    503: b"Service Unavailable",
}
CODES = {400: "BAD_REQUEST", 408: "TIMEOUT", 413: "TOO_LARGE", 503: "UNAVAILABLE"}


def error_body(status: int, message: str) -> bytes:
    """The body of an answer this server gives itself, in the form the doors use."""
    return json.dumps({"errors": [{"code": CODES.get(status, "INTERNAL"), "message": message}]}).encode()


class Request(WebRequest):
    """One HTTP request, with a limit and a deadline on its body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Twisted would parse forms before the application sees them, and refuse a broken one without a word.
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)
        self.limit = self.server.max_body_bytes
        self.deadline = reactor.callLater(HEADERS_DEADLINE_S, self.refuse, 408, "The headers took too long.")

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """Called by Twisted when the headers are complete."""
        self.content = BytesIO()
        self.reset_deadline(BODY_DEADLINE_S)
        if length is not None and length > self.limit:
            self.refuse(413, f"The body is too large: at most {self.limit} bytes.", length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Called by Twisted for each piece of the body."""
        if self.content.tell() + len(data) > self.limit:
            self.refuse(413, f"The body is too large: at most {self.limit} bytes.")
            return
        super().handleContentChunk(data)

    def process(self) -> Any:
        self.reset_deadline(None)
        hosts = self.requestHeaders.getRawHeaders(b"Host", [])
        if len(hosts) > 1:
            return self.basic_error(400, b"Bad Request", "More than one Host header.")
        if self.requestHeaders.hasHeader(b"Transfer-Encoding") and self.requestHeaders.hasHeader(b"Content-Length"):
            return self.basic_error(400, b"Bad Request", "Content-Length and Transfer-Encoding exclude one another.")
        return super().process()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.reset_deadline(None)
        super().connectionLost(reason)

    def reset_deadline(self, seconds: int | None) -> None:
        if self.deadline is not None and self.deadline.active():
            self.deadline.cancel()
        self.deadline = (
            None if seconds is None else reactor.callLater(seconds, self.refuse, 408, "The body took too long.")
        )

    def refuse(self, status: int, message: str, still_to_come: int | None = None) -> None:
        """Answer now, read a little more so that the answer can be read, and close."""
        self.reset_deadline(None)
        channel = self.channel
        if channel is None or channel.transport is None:
            return
        body = error_body(status, message)
        head = (
            b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
        )
        channel.transport.write(head % (status, REASONS[status], len(body)) + body)
        Lingering(channel, still_to_come)

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        if self._response_started:
            self.channel.loseConnection()
            return
        content = error_body(status, body)
        headers = [
            (b"Content-Type", b"application/json"),
            (b"Content-Length", b"%d" % len(content)),
            (b"Access-Control-Allow-Origin", b"*"),
        ]
        if status == 503:
            headers.append((b"Retry-After", b"2"))
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": content})


class Lingering:
    """Takes a refused connection's remaining bytes and throws them away, up to a limit in bytes and time.

    Closing with bytes unread makes the kernel send a reset, and the client may never see the answer.
    """

    def __init__(self, channel: Any, expected: int | None) -> None:
        self.transport = channel.transport
        self.left = LINGER_BYTES if expected is None else min(expected, LINGER_BYTES)
        channel.dataReceived = self.data_received
        channel.setTimeout(None)
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


class Factory(HTTPFactory):
    """Builds connections that speak our `Request`, and closes those that never begin one."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        protocol.timeOut = IDLE_S
        channel = protocol._channel
        channel.totalHeadersSize = 32 * 1024
        channel.maxHeaders = MAX_HEADERS
        return protocol


class PageSocket(WebSocketProtocol):
    """A browser may send little; what we send it has no limit (autobahn drops longer messages without a word)."""

    maxMessagePayloadSize: int  # noqa: N815  autobahn's

    def sendMessage(self, *message: Any, **options: Any) -> None:  # noqa: N802
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(*message, **options)
        finally:
            self.maxMessagePayloadSize = limit

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        """Autobahn lets an application choose 1000 and 3000 to 4999; 1003, 1008 and 1013 say what others cannot."""
        self.sendCloseFrame(code=1000 if code is None else code)


class Server(daphne_server.Server):
    """Daphne's server on a socket we may have inherited, with our requests and an end that drains."""

    def __init__(self, application: Any, *, max_body_bytes: int, **options: Any) -> None:
        super().__init__(
            application,
            endpoints=["unused"],
            signal_handlers=False,
            request_buffer_size=max_body_bytes + 1,
            websocket_max_message_size=WEBSOCKET_MESSAGE_BYTES,
            websocket_max_frame_size=WEBSOCKET_MESSAGE_BYTES,
            server_name="",
            **options,
        )
        self.max_body_bytes = max_body_bytes
        self.port: Any = None

    def serve(self, listening: socket.socket) -> None:
        """Serve on a listening socket until SIGTERM or SIGINT; returns when drained."""
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = Factory(self)
        self.ws_factory = WebSocketFactory(self, server="")
        self.ws_factory.protocol = PageSocket
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
            # Close with 1007 or 1009 and a reason; autobahn would rather hang up.
            failByDrop=False,
        )
        quiet: Any = [lambda _: None]
        globalLogBeginner.beginLoggingTo(quiet, redirectStandardIO=False, discardBuffer=True)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        listening.setblocking(False)
        self.port = reactor.adoptStreamPort(listening.fileno(), listening.family, self.http_factory)
        loop = reactor._asyncioEventloop
        asyncio.set_event_loop(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.drain)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        reactor.run(installSignalHandlers=False)

    def drain(self) -> None:
        """Take no new connections, let what is under way finish, then stop."""
        if this.draining:
            return
        this.draining = True
        self.port.stopListening()
        for protocol in list(self.connections):
            if not isinstance(protocol, WebRequest):
                protocol.sendCloseFrame(code=SERVICE_RESTART)
        self.stop_when_idle(time.monotonic() + DRAIN_S)

    def stop_when_idle(self, deadline: float) -> None:
        busy = any(
            isinstance(protocol, WebRequest) and "disconnected" not in details
            for protocol, details in self.connections.items()
        )
        if busy and time.monotonic() < deadline:
            reactor.callLater(0.05, self.stop_when_idle, deadline)
        else:
            self.stop()

    def kill_all_applications(self) -> Any:
        """Daphne's, minus the connections whose application never began."""
        self.connections = {
            protocol: details for protocol, details in self.connections.items() if "application_instance" in details
        }
        return super().kill_all_applications()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; its backlog holds connections while a web process restarts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host.strip("[]"), port))
    listening.listen(1024)
    return listening
