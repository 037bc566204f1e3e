"""The stage of the live bench: a web process of its own, those who post to it and those who watch."""

import asyncio
import base64
import itertools
import json
import os
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


class Watcher:
    """A browser: notes when each event arrived, acknowledges now and then as our pages do."""

    def __init__(self, seen):
        self.seen = seen

    async def run(self, socket):
        unacknowledged = ACKNOWLEDGE_EVERY
        async for text in socket:
            now = time.perf_counter()
            message = json.loads(text)
            for event in message.get("events", ()):
                if number := event["attributes"].get("bench_number"):
                    self.seen.setdefault(number, []).append(now)
            unacknowledged += 1
            if unacknowledged >= ACKNOWLEDGE_EVERY:
                await socket.send(f'{{"ack": {message["seq"]}}}')
                unacknowledged = 0


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
    writer.write(
        (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {next(bench.tokens)}\r\n\r\n"
        ).encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()
    return writer
