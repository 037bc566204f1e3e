"""Stores the events of a group once: straight into the table, a closer look only when one was there before.

The sessions are locked, so nobody else can add an event to them between the look and the second try.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from sessions_app.ingest import rows
from sessions_app.ingest.exchange import Exchange, Statement, array, integer
from sessions_app.ingest.group import Group, SessionWork

TABLE = rows.Table("sessions_app_mediaevent", rows.EVENT_COLUMNS)
KNOWN = Statement("""
SELECT e.session_id, e.event_key, e.content_hash
FROM unnest($1::bigint[], $2::uuid[]) AS wanted (session_id, event_key)
JOIN sessions_app_mediaevent e ON e.session_day = $3 AND e.session_id = wanted.session_id
    AND e.event_key = wanted.event_key
""")


def store(exchange: Exchange, group: Group) -> None:
    """Add what is new; what is known leaves `incoming` as a duplicate or a conflict."""
    works = [work for work in group.sessions.values() if work.incoming]
    if works and not group.is_cautious:
        put(exchange, works)
    elif works and not exchange.attempt(lambda: put(exchange, works)):
        set_known_apart(exchange, group, works)
        put(exchange, works)
    for work in works:
        for reported, raw in work.incoming.values():
            raw.new_indexes.append(reported.event.index_in_batch)
            raw.outcome.accepted += 1


def put(exchange: Exchange, works: Iterable[SessionWork]) -> None:
    TABLE.put(exchange, rows.event_rows(works))


def set_known_apart(exchange: Exchange, group: Group, works: Iterable[SessionWork]) -> None:
    by_day: dict[dt.date, dict[int, SessionWork]] = defaultdict(dict)
    for work in works:
        if not work.is_new:
            by_day[work.row.session_day][work.id] = work
    for day, on_that_day in by_day.items():
        wanted = [(session_id, key) for session_id, work in on_that_day.items() for key in work.incoming]
        sessions, keys = array([session_id for session_id, _ in wanted]), array([key for _, key in wanted])
        for session_id, key, content_hash in exchange.now(KNOWN, sessions, keys, day.isoformat()).rows():
            work = on_that_day[integer(session_id)]
            incoming = work.incoming.pop(key.hex())
            if incoming[0].content_hash == integer(content_hash):
                group.is_duplicate(incoming, work)
            else:
                group.conflicts(incoming, work)
