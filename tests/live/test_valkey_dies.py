"""Valkey killed and started again, with pages open: no event is missed, and hints flow again by themselves."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from mediadash import embedded
from sessions_app.live import publish
from sessions_app.live.hub import hub
from tests.ingest.client import batch, event
from tests.live.test_session_socket import now_ms, watched_session
from tests.servers import start


@pytest.fixture
def valkey(tmp_path, settings):
    """A Valkey of this test's own: `valkey.kill()`, `valkey.start()`."""
    server = OwnValkey(tmp_path)
    server.start()
    settings.CHANNEL_LAYERS = {
        "default": {
            **settings.CHANNEL_LAYERS["default"],
            "CONFIG": {"hosts": [{"address": server.url, "socket_timeout": None, "socket_connect_timeout": 1}]},
        }
    }
    yield server
    server.kill()


class OwnValkey:
    def __init__(self, folder):
        self.folder, self.socket = folder, folder / "valkey.sock"
        self.url = f"unix://{self.socket}"

    def start(self):
        self.process = start(embedded.valkey_command(self.folder / "data", self.socket), self.folder / "valkey.log")
        embedded.wait_for_valkey(self.url)

    def kill(self):
        self.process.kill()
        self.process.wait()


async def test_pages_go_on_while_valkey_is_dead_and_hints_come_back_with_it(live, doors, cast, valkey):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    async with asyncio.timeout(5):
        await hub().subscribed.wait()
    # Only what came through Valkey or a poll is heard, as in another process.
    publish.announcer().listeners.discard(hub().hear)

    await sync_to_async(valkey.kill)()
    await doors.web(cast.web, batch(event("Play", now_ms() - 1000, "s1", "while-dead")))
    assert (await browser.next())["seq"] == 2

    await sync_to_async(valkey.start)()
    heard = asyncio.Event()
    ear = hub().hear
    hub().hear = lambda changes: (ear(changes), heard.set())
    async with asyncio.timeout(10):
        while not heard.is_set():
            await publish.send({"type": "changes", "changes": []})
            await asyncio.sleep(0.1)
    await doors.web(cast.web, batch(event("Pause", now_ms(), "s1", "alive-again")))
    assert (await browser.next())["seq"] == 3
