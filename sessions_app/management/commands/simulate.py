"""manage.py simulate: believable viewers, live and in the hours before, against any mediadash or mParticle."""

import asyncio
import secrets
import signal
import time
from argparse import ArgumentParser
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions_app.models import Input, MediaSession, Workspace
from sessions_app.player import catalogue
from sessions_app.player.crowd import Crowd
from sessions_app.player.transport import TIMEOUT_S, AsyncSender, Door, EventsApi, NativeSdk, WebSdk
from sessions_app.viewers.setup import make_input, renew_secret, workspace_named

REPORT_EVERY_S = 30
PAST_SESSIONS_AN_HOUR = 60


class Command(BaseCommand):
    help = "Play simulated viewers until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sessions", type=int, default=200, help="viewers at any time (default 200)")
        parser.add_argument("--rate", type=float, default=50, help="events a second in all, about (default 50)")
        parser.add_argument("--minutes", type=float, help="stop after so many minutes (default: at Ctrl-C)")
        parser.add_argument("--history", type=float, default=0, metavar="HOURS", help="also viewers of the last hours")
        parser.add_argument("--seed", help="the same crowd again (default: another one each time)")
        parser.add_argument("--base-url", help="where to send (default: this mediadash)")
        parser.add_argument("--key", help="one key for all, instead of inputs of the workspace")
        parser.add_argument("--secret", help="with --key: use the Events API; without: the web SDK's door")
        parser.add_argument("--workspace", default="demo", help="whose inputs to use (default demo)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sessions"] < 1 or options["rate"] <= 0:
            raise CommandError("--sessions and --rate must be positive.")
        base_url = (options["base_url"] or f"http://127.0.0.1:{settings.PORT}").rstrip("/")
        past = 0
        if options["key"]:
            doors = dict.fromkeys(_input_names(), _one_door(base_url, options["key"], options["secret"]))
            past = int(options["history"] * PAST_SESSIONS_AN_HOUR)
        else:
            workspace = workspace_named(options["workspace"])
            doors = _doors(base_url, workspace)
            # A restart must not tell the same past twice over.
            if not MediaSession.objects.filter(workspace=workspace).exists():
                past = int(options["history"] * PAST_SESSIONS_AN_HOUR)
        asyncio.run(self.play(doors, past, options))

    async def play(self, doors: dict[str, Door], past: int, options: dict[str, Any]) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, limits=httpx.Limits(max_connections=32)) as client:
            crowd = Crowd(
                AsyncSender(client),
                doors,
                sessions=options["sessions"],
                rate=options["rate"],
                seed=options["seed"] or secrets.token_hex(8),
            )
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, crowd.stopping.set)
            reports = asyncio.create_task(self.report(crowd))
            history = asyncio.create_task(crowd.past(options["history"], past)) if past else None
            await crowd.live(options["minutes"])
            crowd.stopping.set()
            if history is not None:
                await history
            reports.cancel()
        self.stdout.write(_line(crowd))

    async def report(self, crowd: Crowd) -> None:
        began = time.monotonic()
        pause_s = 5.0
        while True:
            await asyncio.sleep(pause_s)
            pause_s = REPORT_EVERY_S
            self.stdout.write(f"{time.monotonic() - began:5.0f} s  {_line(crowd)}")
            self.stdout.flush()


def _line(crowd: Crowd) -> str:
    counts = crowd.counts
    trouble = f", {counts.refused} refused, {counts.undelivered} not delivered, last answer {counts.last_status}"
    return f"{counts.seated} viewers came, {counts.sessions} left, {counts.requests} uploads" + (
        trouble if counts.refused or counts.undelivered else ""
    )


def _input_names() -> dict[str, str]:
    """The inputs the catalogue's devices report to, and their platforms."""
    return {device.input_name: device.platform for device in catalogue.DEVICES}


def _one_door(base_url: str, key: str, secret: str | None) -> Door:
    return EventsApi(base_url, key, secret) if secret else WebSdk(base_url, key)


def _doors(base_url: str, workspace: Workspace) -> dict[str, Door]:
    """A door for each input, as its platform's SDK uses it; inputs that are missing are made."""
    doors: dict[str, Door] = {}
    for name, platform in _input_names().items():
        feed = Input.objects.filter(workspace=workspace, name=name).first()
        if feed is None:
            made = make_input(workspace, name, platform)
            feed, secret = made.input, made.secret
        elif platform == "web":
            secret = ""
        else:
            # Only a hash of it is kept, and nobody but the simulation uses these inputs.
            secret = renew_secret(feed)
        doors[name] = _door(base_url, platform, feed.key, secret)
    return doors


def _door(base_url: str, platform: str, key: str, secret: str) -> Door:
    if platform == "web":
        return WebSdk(base_url, key)
    if platform == "server":
        return EventsApi(base_url, key, secret)
    return NativeSdk(base_url, key, secret, platform)
