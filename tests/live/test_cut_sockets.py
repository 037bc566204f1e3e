"""A hundred browsers, half of them cut again and again, Valkey killed twice: no event is missed or seen twice."""

import asyncio
import itertools
import json
import os
import random
import signal
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.stack import Stack, batch_of, media_event

BROWSERS = 100
SESSIONS = 10
SOCKETS_PER_TOKEN = 15
CUT_EVERY_S = 2
SECONDS = int(os.environ.get("FAULT_SECONDS", "30"))
CAUGHT_UP_S = 3

pytestmark = [pytest.mark.faults, pytest.mark.processes]


class Page:
    """Keeps the list of events of one session, as a page does: resumes after every cut."""

    def __init__(self, stack, session_id, token):
        self.url = f"ws://127.0.0.1:{stack.port}/ws/sessions/{session_id}/?after="
        self.headers = {"Authorization": f"Bearer {token}"}
        self.seqs = []
        self.socket = None
        self.cuts = 0

    async def run(self):
        while True:
            try:
                last = self.seqs[-1] if self.seqs else 0
                async with connect(self.url + str(last), additional_headers=self.headers) as self.socket:
                    async for text in self.socket:
                        await self.take(json.loads(text))
            except (OSError, ConnectionClosed, TimeoutError):
                self.cuts += 1
            await asyncio.sleep(random.random() / 4)

    async def take(self, message):
        self.seqs += [event["seq"] for event in message["events"]]
        await self.socket.send(json.dumps({"ack": message["seq"]}))

    def cut(self):
        if self.socket is not None:
            self.socket.transport.abort()


@pytest.fixture(scope="module")
def stack():
    running = Stack().until_ready(120).with_keys()
    yield running
    running.throw_away()


async def test_no_gap_and_no_double_whatever_is_cut(stack):
    names = [f"cut-{number}" for number in range(SESSIONS)]
    for name in names:
        await post(stack, name, "Media Session Start")
    found = stack.get_json("/api/v1/sessions/")["results"]
    ids = {session["media_session_id"]: session["id"] for session in found}
    made = [stack.manage("create_token", "--workspace", "demo", "--role", "ops", "--json") for _ in range(7)]
    tokens = itertools.cycle([json.loads(text)["token"] for text in made])
    pages = [Page(stack, ids[names[number % SESSIONS]], next(tokens)) for number in range(BROWSERS)]
    tasks = [asyncio.create_task(page.run()) for page in pages]
    sent = dict.fromkeys(names, 1)
    try:
        await play_and_cut(stack, pages, sent)
        ended = time.monotonic()
        expected = [list(range(1, sent[names[number % SESSIONS]] + 1)) for number in range(BROWSERS)]
        while any(page.seqs != all_of_it for page, all_of_it in zip(pages, expected, strict=True)):
            behind = [len(all_of_it) - len(page.seqs) for page, all_of_it in zip(pages, expected, strict=True)]
            assert time.monotonic() - ended < CAUGHT_UP_S, f"missing at each browser: {behind}"
            await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(page.cuts for page in pages) >= BROWSERS // 2


async def play_and_cut(stack, pages, sent):
    """Twenty events a second; every two seconds half the browsers are cut, and twice Valkey is killed."""
    started, cut_at = time.monotonic(), 0.0
    kills = [SECONDS / 3, 2 * SECONDS / 3]
    for number in itertools.count():
        elapsed = time.monotonic() - started
        if elapsed > SECONDS:
            return
        if elapsed - cut_at > CUT_EVERY_S:
            cut_at = elapsed
            for page in random.sample(pages, BROWSERS // 2):
                page.cut()
        if kills and elapsed > kills[0]:
            kills.pop(0)
            for pid in stack.pids("valkey-server"):
                os.kill(pid, signal.SIGKILL)
        name = f"cut-{number % SESSIONS}"
        await post(stack, name, "Play" if number % 2 else "Pause")
        sent[name] += 1
        await asyncio.sleep(0.05)


async def post(stack, session, name):
    status, body = await asyncio.to_thread(stack.post_events, batch_of(media_event(session, name)))
    assert status == 202, body
