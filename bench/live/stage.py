"""The stage of the live bench: a web process of its own, those who post to it and those who watch."""

import asyncio
import base64
import itertools
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.management import call_command
from websockets.asyncio.client import connect

from sessions_app.models import MediaSession
from sessions_app.viewers.setup import make_input, make_token, workspace_named
from tests.stack import ROOT, batch_of, free_port, media_event

SOCKETS_PER_TOKEN = 18
ACKNOWLEDGE_EVERY = 8
NAMES = ("Play", "Update QoS", "Pause", "Update Playhead Position")
POSTERS_OF_STARTS = 8
TEXT_FRAME, PING_FRAME, PONG_FRAME = 1, 9, 10
BENCH_NUMBER, SEQ = re.compile(rb'"bench_number":(\d+)'), re.compile(rb'"seq":(\d+)')


class Bench:
    """A running web process and its tokens."""

    def __init__(self):
        call_command("migrate", verbosity=0)
        self.workspace = workspace_named("bench")
        made = make_input(self.workspace, "bench")
        self.basic = base64.b64encode(f"{made.input.key}:{made.secret}".encode()).decode()
        self.tokens = iter(())
        self.numbers = itertools.count()
        self.port = free_port()
        environment = {**os.environ, "PORT": str(self.port), "KEY_RATE_PER_S": "100000"}
        self.web = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment)

    async def until_ready(self):
        async with asyncio.timeout(60):
            while True:
                try:
                    (await asyncio.open_connection("127.0.0.1", self.port))[1].close()
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    return self

    async def make_tokens(self, sockets):
        for _ in range(sockets // SOCKETS_PER_TOKEN + 1):
            text = (await sync_to_async(make_token)(self.workspace, "ops"))[1]
            self.tokens = itertools.chain(self.tokens, [text] * SOCKETS_PER_TOKEN)

    async def sessions(self, count):
        """The ids of `count` new live sessions."""
        prefix = uuid.uuid4().hex[:8]
        numbers = iter(range(count))

        async def start_some():
            poster = Poster(self)
            for number in numbers:
                name = f"{prefix}-{number}"
                events = [media_event(name, "Media Session Start"), media_event(name, "Play")]
                await poster.post(batch_of(*events, mpid=str(10_000 + number)))
            poster.close()

        await asyncio.gather(*(start_some() for _ in range(POSTERS_OF_STARTS)))
        stored = MediaSession.objects.filter(media_session_id__startswith=prefix).order_by("id")
        return [row async for row in stored.values_list("id", "media_session_id")]

    def socket(self, path):
        url = f"ws://127.0.0.1:{self.port}{path}"
        headers = {"Authorization": f"Bearer {next(self.tokens)}"}
        return connect(url, additional_headers=headers, max_size=None, compression=None, open_timeout=30)

    def web_rss_kib(self):
        status = Path(f"/proc/{self.web.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def web_cpu_s(self):
        fields = Path(f"/proc/{self.web.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Poster:
    """One keep-alive connection; the least that speaks HTTP, so that this side costs little."""

    def __init__(self, bench):
        self.bench = bench
        self.reader = self.writer = None

    async def post(self, batch):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.bench.port)
        body = json.dumps(batch).encode()
        head = (
            f"POST /v2/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {self.bench.basic}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        assert b" 202 " in answer[:20], answer
        return time.perf_counter()

    def close(self):
        if self.writer is not None:
            self.writer.close()


class Watcher(asyncio.Protocol):
    """A browser: notes when each event arrived, acknowledges now and then as our pages do.

    It speaks the least of websockets (RFC 6455), as fifty of a library's would take half of a core from what is
    measured.
    """

    def __init__(self, seen):
        self.seen = seen
        self.data = bytearray()
        self.is_open = asyncio.get_running_loop().create_future()
        self.is_closed = asyncio.get_running_loop().create_future()
        self.unacknowledged = ACKNOWLEDGE_EVERY

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        self.is_closed.set_result(error)

    def data_received(self, data):
        now = time.perf_counter()
        self.data += data
        if not self.is_open.done():
            head, end, rest = self.data.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head[:20], head
            self.data = rest
            self.is_open.set_result(None)
        for kind, message in self.frames():
            if kind == TEXT_FRAME:
                self.take(message, now)
            elif kind == PING_FRAME:
                self.send(PONG_FRAME, message)

    def frames(self):
        """(kind, payload) of each whole frame; a server's are not masked."""
        while len(self.data) >= 2:
            size, at = self.data[1], 2
            if size >= 126:
                at += 2 if size == 126 else 8
                size = int.from_bytes(self.data[2:at], "big")
            if len(self.data) < at + size:
                return
            yield self.data[0] & 0xF, bytes(self.data[at : at + size])
            del self.data[: at + size]

    def take(self, message, now):
        for number in BENCH_NUMBER.findall(message):
            self.seen.setdefault(int(number), []).append(now)
        self.unacknowledged += 1
        if self.unacknowledged >= ACKNOWLEDGE_EVERY:
            self.send(TEXT_FRAME, b'{"ack": %b}' % SEQ.search(message)[1])
            self.unacknowledged = 0

    def send(self, kind, payload):
        """A short frame, under the mask of zeros."""
        self.transport.write(bytes((0x80 | kind, 0x80 | len(payload), 0, 0, 0, 0)) + payload)


async def watch(bench, path, seen):
    """An open browser on this path."""
    loop = asyncio.get_running_loop()
    _, watcher = await loop.create_connection(lambda: Watcher(seen), "127.0.0.1", bench.port)
    watcher.transport.write(opening(bench, path))
    await watcher.is_open
    return watcher


async def play(bench, sessions, rate, seconds, events_each=1, posters=8):
    """Post events at `rate` a second over the sessions; {number: (posted, answered, session)}."""
    sent = {}
    started = time.perf_counter()
    due = iter(range(int(rate * seconds / events_each)))

    async def poster():
        connection = Poster(bench)
        for turn in due:
            await asyncio.sleep(max(0.0, started + turn * events_each / rate - time.perf_counter()))
            name = sessions[turn % len(sessions)][1]
            numbers = [next(bench.numbers) + 1 for _ in range(events_each)]
            events = [
                media_event(name, NAMES[number % 4], bench_number=number, playhead_position=number)
                for number in numbers
            ]
            batch = batch_of(*events)
            posted = time.perf_counter()
            answered = await connection.post(batch)
            sent.update((number, (posted, answered, name)) for number in numbers)
        connection.close()

    await asyncio.gather(*(poster() for _ in range(posters)))
    return sent


async def never_reads(bench, path):
    """A websocket whose other end does not read, with the smallest buffer the kernel gives."""
    raw = socket.create_connection(("127.0.0.1", bench.port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
    writer.write(opening(bench, path))
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()
    return writer


def opening(bench, path):
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {next(bench.tokens)}\r\n\r\n"
    ).encode()
