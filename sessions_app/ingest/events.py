"""Stores the events of a group once: COPY straight into the table, a closer look only when one was there before.

The sessions are locked, so nobody else can add an event to them between the look and the COPY.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from psycopg import Connection, errors

from sessions_app.ingest import rows
from sessions_app.ingest.group import Group, SessionWork

COPY = f"COPY sessions_app_mediaevent ({rows.EVENT_COLUMNS}) FROM STDIN (FORMAT BINARY)"
KNOWN = """
SELECT e.session_id, e.event_key, e.content_hash
FROM unnest(%b::bigint[], %t::uuid[]) AS wanted (session_id, event_key)
JOIN sessions_app_mediaevent e ON e.session_day = %s AND e.session_id = wanted.session_id
    AND e.event_key = wanted.event_key
"""


def store(conn: Connection, group: Group) -> None:
    """Add what is new; what is known leaves `incoming` as a duplicate or a conflict."""
    works = [work for work in group.sessions.values() if work.incoming]
    if works and not group.is_cautious:
        copy(conn, works)
    elif works and not copy_all(conn, works):
        set_known_apart(conn, group, works)
        copy(conn, works)
    for work in works:
        for reported, raw in work.incoming.values():
            raw.new_indexes.append(reported.event.index_in_batch)
            raw.outcome.accepted += 1


def copy_all(conn: Connection, works: Iterable[SessionWork]) -> bool:
    """False, and nothing stored, when one of the events is in the table."""
    try:
        with conn.transaction():
            copy(conn, works)
    except errors.UniqueViolation:
        return False
    return True


def copy(conn: Connection, works: Iterable[SessionWork]) -> None:
    with conn.cursor() as cursor, cursor.copy(COPY) as copying:
        copying.write(rows.event_rows(works))


def set_known_apart(conn: Connection, group: Group, works: Iterable[SessionWork]) -> None:
    by_day: dict[dt.date, dict[int, SessionWork]] = defaultdict(dict)
    for work in works:
        if not work.is_new:
            by_day[work.row.session_day][work.id] = work
    for day, on_that_day in by_day.items():
        wanted = [(session_id, key) for session_id, work in on_that_day.items() for key in work.incoming]
        columns = [[session_id for session_id, _ in wanted], [key for _, key in wanted], day]
        for session_id, key, content_hash in conn.execute(KNOWN, columns).fetchall():
            work = on_that_day[session_id]
            incoming = work.incoming.pop(key.hex)
            if incoming[0].content_hash == content_hash:
                group.is_duplicate(incoming, work)
            else:
                group.conflicts(incoming, work)
