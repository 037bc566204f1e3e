"""Day partitions of the events table: made some days ahead, so that no event falls into the catch-all.

`ensure_partitions` is called when a writer first connects and daily by a task; any number may run at once.
"""

import datetime as dt

from psycopg import Connection, errors, sql

EVENTS = "sessions_app_mediaevent"
# Any fixed number: makers of partitions wait for one another instead of colliding.
LOCK = 7_202_511


def ensure_partitions(conn: Connection, days: int = 14, today: dt.date | None = None) -> list[str]:
    """Make the missing partitions from yesterday to `days` ahead; returns the names of those made."""
    first = (today or dt.datetime.now(dt.UTC).date()) - dt.timedelta(days=1)
    wanted = {partition_name(day): day for day in (first + dt.timedelta(days=n) for n in range(days + 2))}
    made = []
    for name in sorted(wanted.keys() - existing(conn)):
        if make_partition(conn, name, wanted[name]):
            made.append(name)
    return made


def partition_name(day: dt.date) -> str:
    return f"{EVENTS}_{day:%Y%m%d}"


def existing(conn: Connection) -> set[str]:
    rows = conn.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
        [EVENTS],
    )
    return {name for (name,) in rows}


def make_partition(conn: Connection, name: str, day: dt.date) -> bool:
    """False when it was there already, or when the catch-all holds rows of that day."""
    statement = sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
        sql.Identifier(name), sql.Identifier(EVENTS), sql.Literal(day), sql.Literal(day + dt.timedelta(days=1))
    )
    try:
        with conn.transaction():
            conn.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            if name in existing(conn):
                return False
            conn.execute(statement)
    except errors.CheckViolation:
        return False
    return True
