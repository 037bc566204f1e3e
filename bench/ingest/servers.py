"""What is measured: mediadash as `manage.py up` starts it, its doors in processes of their own, the naive reference."""

import base64
import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import psycopg
from psycopg import sql

from mediadash import places
from tests.stack import ROOT, Stack, descendants, free_port, wait_until

DATABASE = "mediadash"
# The bench is one client: it may send as much as it can.
UNLIMITED = {"KEY_RATE_PER_S": "1000000"}


class Servers:
    """One Postgres for everything that is compared, started by `manage.py up` on a data folder of its own."""

    def __init__(self):
        self.stack = Stack(**UNLIMITED).until_ready(300).with_keys("server")
        os.environ["MEDIADASH_HOME"] = str(self.stack.home)

    def close(self):
        self.stack.throw_away()

    def connect(self, database=DATABASE):
        return psycopg.connect(host=str(places.socket_folder()), user="mediadash", dbname=database, autocommit=True)

    def credentials(self):
        basic = base64.b64encode(f"{self.stack.key}:{self.stack.secret}".encode()).decode()
        return {"Authorization": f"Basic {basic}"}

    @contextlib.contextmanager
    def ours(self):
        """As `make run` starts it."""
        self.serving = self.stack.pids("serve")
        yield self.stack.port

    @contextlib.contextmanager
    def recommended(self, workers=2):
        """The doors in processes of their own, on uvicorn, beside the web process."""
        command = [
            "uvicorn", "sessions_app.ingest.asgi:application", "--workers", str(workers), "--no-access-log",
            "--log-level", "warning",
        ]  # fmt: skip
        with self.running(command, self.stack.environment) as port:
            yield port

    @contextlib.contextmanager
    def naive(self):
        """Django REST Framework and the ORM on Daphne, in a database of its own on the same server."""
        name = f"naive_{uuid.uuid4().hex[:6]}"
        with self.connect() as conn:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        database = {"NAME": name, "USER": "mediadash", "HOST": str(places.socket_folder())}
        environment = {
            **self.stack.environment,
            "NAIVE_DATABASE": json.dumps(database),
            "DJANGO_SETTINGS_MODULE": "bench.naive.settings",
        }
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"],
            cwd=ROOT, env=environment, check=True,
        )  # fmt: skip
        self.naive_database = name
        with self.running(["daphne", "--verbosity", "0", "bench.naive.asgi:application"], environment) as port:
            yield port

    @contextlib.contextmanager
    def running(self, command, environment):
        """A server on a free port; stopped at the end."""
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)], cwd=ROOT, env=environment, start_new_session=True
        )
        try:
            wait_until(lambda: answers(port), 30, command[0])
            self.serving = [process.pid, *descendants(process.pid)]
            yield port
        finally:
            process.terminate()
            process.wait(20)

    def processor(self):
        """Processor seconds used so far by (what serves, Postgres)."""
        return cpu_s(self.serving), cpu_s(self.stack.pids("postgres"))

    def count(self, query, database=DATABASE):
        with self.connect(database) as conn:
            return conn.execute(query).fetchone()[0]


def cpu_s(pids):
    """Seconds of processor time these processes have used."""
    used = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/events", timeout=2)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
