"""The whole product as `manage.py up` starts it, on a data folder and port of the test's own."""

import atexit
import base64
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1
OWN = ("DATABASE_URL", "REDIS_URL", "MEDIADASH_HOME", "MEDIADASH_TEST_HOME", "SECRET_KEY", "PORT", "PUBLIC_URL")


def wait_until(happened: Callable[[], object], seconds: float = 10, what: str = "") -> object:
    """The first truthy value of `happened`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        if value := happened():
            return value
        pause.wait(0.05)
    raise AssertionError(f"not within {seconds} s: {what or happened}")


def free_port() -> int:
    """A port whose successor is free too (the mParticle stand-in of the demo takes it)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def end_with_us() -> None:
    """In the child: a test run that is killed must not leave a whole stack behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


@cache
def seed() -> Path:
    """What a first start makes before anything runs, to be copied; made at first need."""
    home = Path(tempfile.mkdtemp(prefix="mdseed-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    environment["MEDIADASH_HOME"] = str(home)
    subprocess.run([sys.executable, "-m", "tests.seed"], cwd=ROOT, env=environment, check=True)
    return home


def prepared_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="mdstack-"))
    for part in ("postgres", "staticfiles"):
        shutil.copytree(seed() / part, home / part)
    return home


class Stack:
    """A running mediadash. `key`/`secret` of an input, `token` of an ops role, of workspace "demo"."""

    def __init__(self, *arguments: str, home: Path | None = None, origins: tuple = (), **environment: str) -> None:
        self.home = home or prepared_home()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name not in OWN}
        self.environment.update({"MEDIADASH_HOME": str(self.home), "PORT": str(self.port), "LOG_FORMAT": "text"})
        # Live pages may come through these as well (tests/proxy.py).
        self.environment["WEBSOCKET_ORIGINS"] = ",".join([self.url, *origins])
        self.environment.update(environment)
        self.log = self.home / "up.log"
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", *arguments],
                cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=end_with_us,  # noqa: PLW1509  one prctl call, nothing that locks
            )  # fmt: skip

    def until_ready(self, seconds: float = 60) -> "Stack":
        try:
            wait_until(self.is_ready, seconds)
        except AssertionError as error:
            raise AssertionError(f"not ready; its log ends\n{self.log.read_text()[-3000:]}") from error
        return self

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        return "mediadash is ready" in self.log.read_text() and self.get("/readyz")[0] == 200

    def manage(self, *arguments: str) -> str:
        return self.manage_all(arguments)[0]

    def manage_all(self, *commands: tuple[str, ...]) -> list[str]:
        """What several commands print, run side by side: most of a command is its start."""
        running = [
            subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for arguments in commands
        ]  # fmt: skip
        printed = [process.communicate() for process in running]
        for process, (_, errors) in zip(running, printed, strict=True):
            assert process.returncode == 0, errors
        return [output for output, _ in printed]

    def with_keys(self, platform: str = "server") -> "Stack":
        name = f"{platform} {uuid.uuid4().hex[:6]}"
        feed, token = self.manage_all(
            ("create_input", "--workspace", "demo", "--name", name, "--platform", platform, "--json"),
            ("create_token", "--workspace", "demo", "--role", "ops", "--json"),
        )
        made = json.loads(feed)
        self.key, self.secret = made["key"], made["secret"]
        self.token = json.loads(token)["token"]
        return self

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout: float = 10):
        """(status, body); status 0 when there was no answer."""
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def get(self, path: str, **headers: str):
        if hasattr(self, "token"):
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return self.request("GET", path, None, headers)

    def get_json(self, path: str):
        status, body = self.get(path)
        assert status == 200, (status, body[:500])
        return json.loads(body)

    def post_events(self, batch: dict, timeout: float = 10):
        basic = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        return self.request("POST", "/v2/events", json.dumps(batch).encode(), headers, timeout)

    def pids(self, word: str) -> list[int]:
        """Processes under our supervisor whose command line has the word, parents first."""
        return [pid for pid in descendants(self.process.pid) if word in command_line(pid)]

    def stop(self, seconds: float = 30) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def throw_away(self) -> None:
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def children(pid: int) -> list[int]:
    """None of a process that has ended meanwhile."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def media_event(session: str, name: str, event_id: str | None = None, at_ms: int | None = None, **attributes) -> dict:
    """One media event as the Events API takes it."""
    return {
        "event_type": "custom_event",
        "data": {
            "custom_event_type": "media",
            "event_name": name,
            "source_message_id": event_id or str(uuid.uuid4()),
            "timestamp_unixtime_ms": at_ms or int(time.time() * 1000),
            "custom_attributes": {"media_session_id": session, "content_id": "c1", "content_title": "T", **attributes},
        },
    }


def batch_of(*events: dict, mpid: str = "42") -> dict:
    return {
        "environment": "development",
        "mpid": mpid,
        "source_request_id": str(uuid.uuid4()),
        "events": list(events),
    }
