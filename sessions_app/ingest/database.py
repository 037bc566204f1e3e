"""The ingest's own connections: outside Django's pool, so that pages and doors never wait for one another's.

A connection is refused when the server it leads to would forget what it committed.
"""

import psycopg
from django.db import connections
from psycopg import Connection

OPTIONS = "-c statement_timeout=10000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=15000 -c timezone=UTC"
MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")
CONNECT_TIMEOUT_S = 2


class NotDurableError(Exception):
    """Postgres runs with a setting under which a commit may be lost; the doors stay closed."""


def connect(name: str) -> Connection:
    """A new connection to Django's database; `name` shows in pg_stat_activity."""
    settings = connections["default"].settings_dict
    given = settings.get("OPTIONS", {})
    conn = psycopg.connect(
        dbname=settings["NAME"],
        user=settings.get("USER") or None,
        password=settings.get("PASSWORD") or None,
        host=settings.get("HOST") or None,
        port=settings.get("PORT") or None,
        **{key: value for key, value in given.items() if key.startswith("ssl")},
        options=OPTIONS,
        application_name=name,
        connect_timeout=CONNECT_TIMEOUT_S,
        keepalives_idle=10,
        keepalives_interval=3,
        keepalives_count=3,
        tcp_user_timeout=5000,
        autocommit=True,
        # The store prepares its own statements (exchange.py); psycopg would deallocate all of them at a rollback.
        prepare_threshold=None,
    )
    try:
        check_durable(conn)
    except BaseException:
        conn.close()
        raise
    return conn


def check_durable(conn: Connection) -> None:
    for setting in MUST_BE_ON:
        found = conn.execute("SELECT current_setting(%s)", [setting]).fetchone()
        if found is None or found[0] == "off":
            raise NotDurableError(f"Postgres runs with {setting}=off: what it acknowledges may be lost. Turn it on.")
