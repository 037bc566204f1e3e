"""Daphne inside our own shell: what it leaves open, closed.

Bare Daphne reads a body of any size before anyone looks at it, waits for ever on a dripping one, answers its own
errors in HTML, and cuts requests in flight on SIGTERM. Here a body has a limit while it is read and a deadline, every
error is JSON, and SIGTERM drains: stop listening, finish what is under way, close websockets with 1012, leave.
"""

import asyncio
import resource
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

from daphne import server as daphne_server  # first: it installs the asyncio reactor
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor as installed_reactor
from twisted.logger import globalLogBeginner

from mediadash.at_once import write_at_once
from mediadash.http_request import Factory
from mediadash.process import this

# Zope's interfaces mean nothing to the type checker.
reactor: Any = installed_reactor

DRAIN_S = 10
WEBSOCKET_MESSAGE_BYTES = 64 * 1024
SERVICE_RESTART = 1012
MOST_FILES = 8_192
# Databases, logs, and what is being closed.
FILES_FOR_OTHERS = 200


class PageSocket(WebSocketProtocol):
    """A browser may send little; what we send it has no limit (autobahn drops longer messages without a word)."""

    maxMessagePayloadSize: int  # noqa: N815  autobahn's

    def write_now(self, frame: bytes) -> bool:
        """A whole frame straight to the network, without a queue and a task; False when that is not possible."""
        if self.state != self.STATE_OPEN:
            return False
        write_at_once(self.transport, frame)
        return True

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

    # How long headers and bodies may take to come.
    headers_deadline_s = 10.0
    body_deadline_s = 30.0

    def __init__(
        self,
        application: Any,
        *,
        max_body_bytes: int,
        too_large_status: Callable[[str], int] = lambda path: 413,
        **options: Any,
    ) -> None:
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
        # By path: some clients send for ever what is refused with the usual one.
        self.too_large_status = too_large_status
        self.most_connections = most_files() - FILES_FOR_OTHERS
        self.port: Any = None
        # Requests under way; the loop itself would forget them.
        self.tasks: set[asyncio.Task[None]] = set()

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

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Daphne's; a websocket's application may also write frames it made itself, the same bytes to many sockets."""
        if isinstance(protocol, PageSocket):
            scope["extensions"] = {"mediadash.write_now": protocol.write_now}
        return super().create_application(protocol, scope)

    def begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run an application for a request."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def protocol_disconnected(self, protocol: Any) -> None:
        """A request is forgotten at once; Daphne would keep it until its list is next gone through."""
        if isinstance(protocol, WebRequest):
            self.connections.pop(protocol, None)
        else:
            super().protocol_disconnected(protocol)

    def timeout_checker(self) -> None:
        self.http_factory.check_timeouts()
        super().timeout_checker()

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
        busy = any(isinstance(protocol, WebRequest) for protocol in self.connections)
        if busy and time.monotonic() < deadline:
            reactor.callLater(0.05, self.stop_when_idle, deadline)
        else:
            self.stop()

    def kill_all_applications(self) -> Any:
        """Daphne's, minus the connections whose application never began; and the requests that took too long."""
        for task in self.tasks:
            task.cancel()
        self.connections = {
            protocol: details for protocol, details in self.connections.items() if "application_instance" in details
        }
        return super().kill_all_applications()


def most_files() -> int:
    """How many files this process may hold open, raised as far as the system lets us: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)
