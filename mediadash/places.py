"""Where mediadash keeps its things on this machine, and how its parts find one another.

Pure functions of the environment: `manage.py create_input` in a second terminal finds the same embedded servers
as `manage.py up` in the first.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# A Unix socket's path must fit in 108 bytes; "/.s.PGSQL.5432" and Postgres' lock file name need some of them.
LONGEST_SOCKET_FOLDER = 80

REPOSITORY = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The data folder: `MEDIADASH_HOME`, or `.mediadash` beside manage.py."""
    return Path(os.environ.get("MEDIADASH_HOME") or REPOSITORY / ".mediadash").expanduser().resolve()


def socket_folder() -> Path:
    """Where the embedded servers' sockets are: in the data folder, unless its path is too long for a socket."""
    folder = home() / "run"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"mediadash-{os.getuid()}-{digest}"


def postgres_data() -> Path:
    return home() / "postgres"


def valkey_data() -> Path:
    return home() / "valkey"


def valkey_socket() -> Path:
    return socket_folder() / "valkey.sock"


def database() -> dict[str, object]:
    """Django's `DATABASES["default"]` without options: from `DATABASE_URL`, else the embedded Postgres."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django_prometheus.db.backends.postgresql",
            "NAME": "mediadash",
            "USER": "mediadash",
            "HOST": str(socket_folder()),
            "PORT": "5432",
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql://, for example postgresql://user:password@host:5432/mediadash"
        )
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "mediadash",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }


def redis_urls() -> tuple[str, str]:
    """The same server twice: for redis-py and Channels (`unix://` or `redis://`), and for Celery's broker."""
    url = os.environ.get("REDIS_URL")
    if not url:
        path = valkey_socket()
        return f"unix://{path}", f"redis+socket://{path}"
    if url.startswith("unix://"):
        return url, "redis+socket://" + url.removeprefix("unix://")
    if url.startswith(("redis://", "rediss://")):
        return url, url
    raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://")
