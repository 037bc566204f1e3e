"""Real Postgres and Valkey for the tests: embedded, on their own data, unless DATABASE_URL / REDIS_URL name others."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from mediadash import embedded


def start_servers() -> None:
    """Start what the environment does not name, before Django reads its settings; stopped when Python exits."""
    if "MEDIADASH_TEST_HOME" in os.environ:
        return
    home = Path(tempfile.mkdtemp(prefix="mdtest-"))
    os.environ["MEDIADASH_TEST_HOME"] = os.environ["MEDIADASH_HOME"] = str(home)
    children: list[subprocess.Popen[bytes]] = []
    data, sockets, valkey_data, valkey_socket = embedded.default_places()
    if "DATABASE_URL" not in os.environ:
        embedded.prepare_postgres(data, sockets)
        children.append(start(embedded.postgres_command(data, sockets), home / "postgres.log"))
        embedded.wait_for_postgres(sockets)
        embedded.make_database(sockets)
    if "REDIS_URL" not in os.environ:
        sockets.mkdir(parents=True, exist_ok=True)
        children.append(start(embedded.valkey_command(valkey_data, valkey_socket), home / "valkey.log"))
        embedded.wait_for_valkey(f"unix://{valkey_socket}")
    atexit.register(stop, children, home, os.getpid())


def start(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)


def stop(children: "list[subprocess.Popen[bytes]]", home: Path, owner: int) -> None:
    if os.getpid() != owner:
        return
    for child in reversed(children):
        child.send_signal(signal.SIGINT)
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
    shutil.rmtree(home, ignore_errors=True)
