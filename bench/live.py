# ruff: noqa: E402 - the servers must be there before Django reads its settings
"""How fast a posted event reaches a browser, how many browsers one process holds, and what the slow ones cost.

    .venv/bin/python bench/live.py [latency] [many] [idle] [stuck]

Starts Postgres, Valkey and one web process on a data folder of their own, plays viewers and browsers against them from
this process, and prints a line for each figure beside what is promised. All times are taken by one clock: a frame's
delay runs from just before its POST to the frame's arrival here. A run takes about three minutes.
"""

import asyncio
import base64
import itertools
import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.servers import start_servers

start_servers()
os.environ["DJANGO_SETTINGS_MODULE"] = "mediadash.settings"

import django

django.setup()

from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connections
from websockets.asyncio.client import connect

from sessions_app.models import MediaSession
from sessions_app.viewers.setup import make_input, make_token, workspace_named
from tests.stack import ROOT, batch_of, free_port, media_event

SOCKETS_PER_TOKEN = 18
ACKNOWLEDGE_EVERY = 8
NAMES = ("Play", "Update QoS", "Pause", "Update Playhead Position")


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
        poster = Poster(self)
        for number in range(count):
            name = f"{prefix}-{number}"
            events = [media_event(name, "Media Session Start"), media_event(name, "Play")]
            await poster.post(batch_of(*events, mpid=str(10_000 + number)))
        poster.close()
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
    """Post events at `rate` a second over the sessions; {number: (posted, answered)}."""
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
            sent.update((number, (posted, answered)) for number in numbers)
        connection.close()

    await asyncio.gather(*(poster() for _ in range(posters)))
    return sent


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)] * 1000 if values else float("nan")


def report(title, sent, seen, promised, cpu_s):
    delays = [at - sent[number][0] for number, times in seen.items() if number in sent for at in times]
    after = [at - sent[number][1] for number, times in seen.items() if number in sent for at in times]
    missing = sum(number not in seen for number in sent)
    print(
        f"{title}: {len(sent)} events, {len(delays)} arrivals, {missing} unseen; POST to frame p50 "
        f"{percentile(delays, 50):.1f} p95 {percentile(delays, 95):.1f} p99 {percentile(delays, 99):.1f} ms; "
        f"frame minus 202 p95 {percentile(after, 95):.1f} ms  (promised: {promised}); "
        f"web CPU {1000 * cpu_s / max(1, len(sent)):.1f} ms an event",
        flush=True,
    )


async def watched(bench, paths, seconds_to_settle=1.0):
    """Browsers on these paths; (what they saw, a function that closes them)."""
    await bench.make_tokens(len(paths))
    seen = {}
    sockets = [await bench.socket(path) for path in paths]
    tasks = [asyncio.create_task(Watcher(seen).run(socket)) for socket in sockets]
    await asyncio.sleep(seconds_to_settle)

    async def close():
        await asyncio.sleep(2)
        for socket in sockets:
            await socket.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    return seen, close


def session_paths(sessions):
    return [f"/ws/sessions/{session_id}/" for session_id, _ in sessions]


async def latency(bench):
    sessions = await bench.sessions(50)
    seen, close = await watched(bench, session_paths(sessions))
    began_s = bench.web_cpu_s()
    sent = await play(bench, sessions, rate=100, seconds=15)
    await close()
    cpu_s = bench.web_cpu_s() - began_s
    report("100 events/s, 50 watchers of 50 sessions", sent, seen, "p50 15, p95 100; minus 202 p95 30", cpu_s)
    one = sessions[:1]
    seen, close = await watched(bench, session_paths(one) * 50)
    began_s = bench.web_cpu_s()
    sent = await play(bench, one, rate=100, seconds=10)
    await close()
    report("100 events/s, 50 watchers of one session", sent, seen, "the same", bench.web_cpu_s() - began_s)


async def many(bench):
    sessions = await bench.sessions(1000)
    paths = session_paths(sessions[:100]) + ["/ws/live/"] * 5
    seen, close = await watched(bench, paths)
    began_s = bench.web_cpu_s()
    sent = await play(bench, sessions, rate=1000, seconds=15, events_each=4)
    await close()
    cpu_s = (bench.web_cpu_s() - began_s) * len(seen) / len(sent)
    watched_only = {number: value for number, value in sent.items() if number in seen}
    report("1,000 events/s, 1,000 sessions, 100 watchers, 5 boards", watched_only, seen, "p95 500", cpu_s)


async def idle(bench, count=2000):
    sessions = await bench.sessions(20)
    before = bench.web_rss_kib()
    paths = [path for path, _ in zip(itertools.cycle(session_paths(sessions)), range(count), strict=False)]
    await bench.make_tokens(count)
    started = time.perf_counter()
    sockets = []
    for start in range(0, count, 50):
        sockets += await asyncio.gather(*(bench.socket(path) for path in paths[start : start + 50]))
    took = time.perf_counter() - started
    await asyncio.sleep(3)
    grown = bench.web_rss_kib() - before
    open_still = sum(socket.state.name == "OPEN" for socket in sockets)
    print(
        f"{open_still} idle watchers held, opened in {took:.1f} s; {grown / count:.1f} KiB of web memory each  "
        f"(promised: {count} held)",
        flush=True,
    )
    await asyncio.gather(*(socket.close() for socket in sockets))


async def stuck(bench):
    """Fifty browsers that never read beside fifty that do."""
    sessions = await bench.sessions(10)
    paths = session_paths(sessions) * 5
    seen, close = await watched(bench, paths)
    sent = await play(bench, sessions, rate=200, seconds=10)
    alone = percentile([at - sent[number][0] for number, times in seen.items() for at in times], 95)
    before, most = bench.web_rss_kib(), 0
    await bench.make_tokens(50)
    silent = [await never_reads(bench, path) for path in paths]
    seen.clear()
    playing = asyncio.create_task(play(bench, sessions, rate=200, seconds=20))
    while not playing.done():
        most = max(most, bench.web_rss_kib())
        await asyncio.sleep(0.5)
    sent = playing.result()
    beside = percentile([at - sent[number][0] for number, times in seen.items() for at in times], 95)
    print(
        f"50 watchers that never read: web memory +{(most - before) / 1024:.1f} MB; the others' p95 {alone:.1f} ms "
        f"alone, {beside:.1f} ms beside them  (promised: +64 MB, 1.2 ×)",
        flush=True,
    )
    for writer in silent:
        writer.transport.abort()
    await close()


async def never_reads(bench, path):
    """A websocket whose other end does not read, with the smallest buffer the kernel gives."""
    import socket

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


async def run(names):
    bench = await sync_to_async(Bench)()
    try:
        await bench.until_ready()
        for name in names:
            await {"latency": latency, "many": many, "idle": idle, "stuck": stuck}[name](bench)
    finally:
        bench.web.kill()
        bench.web.wait()
        await sync_to_async(connections.close_all)()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1:] or ["latency", "many", "idle", "stuck"]))
