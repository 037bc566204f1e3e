"""`manage.py up`: everything mediadash needs, in one terminal.

Embedded Postgres and Valkey (unless DATABASE_URL / REDIS_URL are set), migrations, web, worker, beat, and with --demo
a stand-in for mParticle and simulated viewers. Ctrl-C stops it all in reverse order; a child that dies is started
again.
"""

import asyncio
import fcntl
import io
import json
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediadash import embedded, places, staticfiles
from mediadash.listening import listen
from mediadash.supervisor import Child, Supervisor

READY_TRIES = 300
READY_PAUSE_S = 0.1
SANDBOX_PORT_OFFSET = 1


class Command(BaseCommand):
    """The one supervisor: starts, watches and stops every process."""

    help = "Start mediadash: database, web, worker, beat and (with --demo) simulated viewers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="fill it with a lively demo")
        parser.add_argument("--demo-sessions", type=int, default=60, help="viewers at any time (default 60)")
        parser.add_argument("--demo-rate", type=float, default=30, help="events a second, about (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ.setdefault("LOG_FORMAT", "text")
        lock = self.lock_home(settings.MEDIADASH_HOME)
        try:
            asyncio.run(self.run(options))
        except (embedded.EmbeddedServerError, RuntimeError) as error:
            raise CommandError(str(error)) from error
        finally:
            lock.close()

    def lock_home(self, home: Path) -> IO[str]:
        """Hold the data folder for ourselves; a second start on it says so instead of fighting."""
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "up.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise CommandError(
                f"mediadash is running on {home} already. Stop it, or choose another MEDIADASH_HOME."
            ) from None
        return lock

    async def run(self, options: dict[str, Any]) -> None:
        try:
            listening = listen(settings.HOST, settings.PORT)
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be had ({error.strerror}). Choose one: PORT=8001"
            ) from error
        supervisor = Supervisor(self.print_line)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, supervisor.stopping.set)
        try:
            await self.start_all(supervisor, listening, options)
            await supervisor.stopping.wait()
            self.print_line("Stopping …")
        finally:
            await supervisor.stop()

    def print_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    async def start_all(self, supervisor: Supervisor, listening: socket.socket, options: dict[str, Any]) -> None:
        began = time.monotonic()
        await self.start_databases(supervisor)
        await asyncio.to_thread(prepare)
        if supervisor.stopping.is_set():
            return
        await start_our_own(supervisor, listening)
        await until_healthy(supervisor, settings.PORT)
        people = await asyncio.to_thread(demo_people) if options["demo"] else None
        self.print_line(welcome(people, time.monotonic() - began))
        if people:
            await start_demo(supervisor, options)

    async def start_databases(self, supervisor: Supervisor) -> None:
        data, sockets, valkey_data, valkey_socket = embedded.default_places()
        if settings.EMBEDDED_POSTGRES:
            await asyncio.to_thread(embedded.prepare_postgres, data, sockets)
            await asyncio.to_thread(embedded.stop_leftover, data)
            command = embedded.postgres_command(data, sockets)
            await supervisor.start(Child("postgres", command, stop_signal=signal.SIGINT))
        if settings.EMBEDDED_VALKEY:
            sockets.mkdir(parents=True, exist_ok=True)
            command = embedded.valkey_command(valkey_data, valkey_socket)
            await supervisor.start(Child("valkey", command))
            await asyncio.to_thread(embedded.wait_for_valkey, settings.REDIS_URL)
        if settings.EMBEDDED_POSTGRES:
            await asyncio.to_thread(embedded.wait_for_postgres, sockets)
            await asyncio.to_thread(embedded.make_database, sockets)


def prepare() -> None:
    """Bring the schema and the static files up to date."""
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    staticfiles.collect()
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(places.REPOSITORY / "manage.py"), *arguments]


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "mediadash", *arguments]


async def start_our_own(supervisor: Supervisor, listening: socket.socket) -> None:
    """Web processes share one listening socket: while one restarts, connections wait instead of failing."""
    environment = {
        "FORWARDING_ALLOWED_URLS": ",".join([*settings.FORWARDING_ALLOWED_URLS, sandbox_url()]),
        # Tasks come as JSON, so a worker that runs as root runs nothing that was sent to it.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    fd, are_many = listening.fileno(), settings.WEB_PROCESSES > 1
    figures = {"PROMETHEUS_MULTIPROC_DIR": str(shared_figures())} if are_many else {}
    for number in range(settings.WEB_PROCESSES):
        name, serve = f"web{number + 1}" if are_many else "web", manage("serve", "--fd", str(fd))
        await supervisor.start(Child(name, serve, environment={**environment, **figures}, pass_fds=(fd,)))
    worker = celery("worker", "--loglevel", "WARNING", "--concurrency", str(settings.WORKER_PROCESSES))
    await supervisor.start(Child("worker", worker, environment=environment))
    schedule = str(settings.MEDIADASH_HOME / "beat-schedule")
    await supervisor.start(Child("beat", celery("beat", "--loglevel", "WARNING", "--schedule", schedule)))


def shared_figures() -> Path:
    """An empty folder in which the web processes add up what they count: any of them can answer /metrics for all."""
    folder = settings.MEDIADASH_HOME / "figures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def sandbox_url() -> str:
    return f"http://127.0.0.1:{settings.PORT + SANDBOX_PORT_OFFSET}"


async def start_demo(supervisor: Supervisor, options: dict[str, Any]) -> None:
    """Simulated viewers against our own doors, and a stand-in for mParticle that everything is forwarded to."""
    await supervisor.start(Child("sandbox", manage("mparticle_sandbox", "--port", sandbox_url().rsplit(":", 1)[1])))
    simulate = manage(
        "simulate", "--workspace", "demo", "--sessions", str(options["demo_sessions"]),
        "--rate", str(options["demo_rate"]), "--history", "3",
    )  # fmt: skip
    await supervisor.start(Child("demo", simulate))


def demo_people() -> dict[str, Any]:
    return made_by("create_demo", "--json", "--forward-to", sandbox_url())


def made_by(command: str, *arguments: str) -> dict[str, Any]:
    """What a command of ours printed as JSON."""
    output = io.StringIO()
    call_command(command, *arguments, stdout=output)
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer


async def until_healthy(supervisor: Supervisor, port: int) -> None:
    """Return once /healthz answers; raises RuntimeError after half a minute."""
    url = f"http://127.0.0.1:{port}/healthz"
    for _ in range(READY_TRIES):
        if supervisor.stopping.is_set() or await asyncio.to_thread(answers, url):
            return
        await asyncio.sleep(READY_PAUSE_S)
    raise RuntimeError(f"The web process did not answer on {url}; its lines above say why.")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310  our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def welcome(people: dict[str, Any] | None, took_s: float) -> str:
    """The block a newcomer reads: where to look, how to sign in, what to send."""
    lines = ["", "━" * 78, f"  mediadash is ready after {took_s:.1f} s:  {settings.PUBLIC_URL}/", ""]
    if people:
        lines += [f"  {role:<9}{email}" for role, email in people["users"].items()]
        lines += [f"  password {people['password']}   (of all four)"]
        key, secret = people["inputs"]["server"]["key"], people["inputs"]["server"]["secret"]
        lines += [
            "",
            f"  input    key {key}",
            f"           secret {secret}",
            "",
            "  Send an event and watch it appear:",
            "",
        ]
        lines += [f"  {line}" for line in example(key, secret).splitlines()]
    else:
        lines += [
            "  No demo data. Make a workspace with an admin:  manage.py createsuperuser",
            "  and an input:  manage.py create_input --workspace demo --name Web --platform web --json",
        ]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", "━" * 78, ""])


def example(key: str, secret: str) -> str:
    """A curl command with one event of mParticle's media schema."""
    event = {
        "environment": "development",
        "mpid": "7346244611012968789",
        "user_identities": {"customer_id": "fry-3000"},
        "events": [
            {
                "event_type": "custom_event",
                "data": {
                    "custom_event_type": "media",
                    "event_name": "Play",
                    "custom_attributes": {
                        "media_session_id": "my-first-session",
                        "content_id": "1234567",
                        "content_title": "My sweet sweet media",
                        "content_duration": "120000",
                        "content_type": "Video",
                        "stream_type": "OnDemand",
                        "playhead_position": "0",
                    },
                },
            }
        ],
    }
    return (
        f"curl -u {key}:{secret} {settings.PUBLIC_URL}/v2/events \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{json.dumps(event)}'"
    )
