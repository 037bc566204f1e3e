"""HTTP for the sandbox: a small asyncio server in a thread of its own.

It can also behave badly on purpose: cut the connection before, within or after the answer, drip it byte by byte, or
never stop. `with SandboxServer(Sandbox()) as server: server.url`.
"""

import asyncio
import contextlib
import json
import threading
from http import HTTPStatus
from urllib.parse import urlsplit

from sessions_app.forwarding.sandbox import PATHS, Reply, Sandbox

HUGE = 100 * 1024 * 1024
SLOW_GAP_S = 1.0


class SandboxServer:
    """Serves one `Sandbox` on 127.0.0.1; port 0 takes any free one."""

    def __init__(self, sandbox: Sandbox, port: int = 0, host: str = "127.0.0.1") -> None:
        self.sandbox, self.host, self.port = sandbox, host, port
        self.ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, name="mparticle-sandbox", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> "SandboxServer":
        self.thread.start()
        if not self.ready.wait(10):
            raise RuntimeError(f"the sandbox cannot listen on {self.host}:{self.port}")
        return self

    def __exit__(self, *exc: object) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        with contextlib.suppress(OSError):
            self.loop.run_until_complete(self.serve())
        self.loop.close()

    async def serve(self) -> None:
        self.stop = asyncio.Event()
        self.connections: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self.connected, self.host, self.port, limit=1024 * 1024)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.stop.wait()
        server.close()
        for task in self.connections:
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self.connections.add(task)
            task.add_done_callback(self.connections.discard)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self.one_request(reader, writer):
                pass
        writer.transport.abort()

    async def one_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one request and answer it; False when the connection is over."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length") or 0))
        reply = self.reply(method, urlsplit(path).path, headers.get("authorization"), body)
        await asyncio.sleep(reply.delay_s)
        return await respond(writer, reply)

    def reply(self, method: str, path: str, authorization: str | None, body: bytes) -> Reply:
        if path.startswith("/_sandbox"):
            return self.control(method, path, body)
        if method != "POST" or path not in PATHS:
            return Reply(404)
        return self.sandbox.receive(path, authorization, body)

    def control(self, method: str, path: str, body: bytes) -> Reply:
        sandbox = self.sandbox
        match method, path:
            case "PUT", "/_sandbox/answers":
                rules = json.loads(body)
                sandbox.answer_with(*(rules if isinstance(rules, list) else [rules]))
                return Reply(204)
            case "GET", "/_sandbox/batches":
                return as_json(sandbox.batches)
            case "GET", "/_sandbox/requests":
                return as_json(sandbox.requests)
            case "DELETE", "/_sandbox":
                sandbox.forget()
                return Reply(204)
        return Reply(404)


def as_json(value: object) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(value).encode())


async def respond(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.manner == "reset":
        return False
    promised = {"accept_then_reset": len(reply.body) + 100, "huge": HUGE}.get(reply.manner, len(reply.body))
    phrase = HTTPStatus(reply.status).phrase
    lines = [f"HTTP/1.1 {reply.status} {phrase}", f"Content-Length: {promised}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    whole = "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
    if reply.manner == "half":
        writer.write(whole[:12])
        await writer.drain()
        return False
    if reply.manner == "slow":
        for at in range(len(whole)):
            writer.write(whole[at : at + 1])
            await writer.drain()
            await asyncio.sleep(SLOW_GAP_S)
        return True
    writer.write(whole)
    await writer.drain()
    if reply.manner == "huge":
        for _ in range(HUGE // 65536):
            writer.write(b"x" * 65536)
            await writer.drain()
    return reply.manner == "normal"
