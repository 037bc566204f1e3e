"""A stand-in for mParticle's Events API, to forward to on one machine: `manage.py mparticle_sandbox --port 9400`."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sessions_app.forwarding.sandbox import Sandbox
from sessions_app.forwarding.sandbox_server import SandboxServer


class Command(BaseCommand):
    help = (
        "Run a stand-in for mParticle's Events API. It keeps what it gets (GET /_sandbox/batches) and answers as "
        "told (PUT /_sandbox/answers). Allow it with FORWARDING_ALLOWED_URLS=http://127.0.0.1:9400."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=9400)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--key", help="accept this key alone; without it any key and secret will do")
        parser.add_argument("--secret", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = {options["key"]: options["secret"]} if options["key"] else None
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with SandboxServer(Sandbox(keys), options["port"], options["host"]) as server:
            self.stdout.write(f"mParticle's stand-in listens on {server.url}; Ctrl-C stops it.")
            self.stdout.flush()
            stop.wait()
