"""How long each kind of row is kept (settings, *_RETENTION_DAYS), and what removes it when its time is over.

Events go by whole days: their partitions are dropped. Everything else goes oldest first, some thousand rows at a
time, so that no transaction is long. Summaries outlive their events; a session's row goes with its summary.
"""

import datetime as dt

from django.conf import settings
from django.db import connection, transaction

from sessions_app.models.clock import database_now

AT_ONCE = 5_000
# One run ends after so many rounds of each kind; the next goes on.
ROUNDS = 200

PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'sessions_app_mediaevent'::regclass AND c.relname ~ '_[0-9]{8}$'
"""
# The oldest rows have the lowest ids: no index on time is needed to find them.
OLDEST = """
DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id LIMIT {at_once}) AND {when} < %(before)s
"""
DELIVERIES = """
WITH old AS (
    SELECT id FROM (SELECT id, finished_at FROM sessions_app_delivery ORDER BY id LIMIT {at_once}) oldest
    WHERE finished_at < %(before)s
), attempts AS (DELETE FROM sessions_app_attempt WHERE delivery_id IN (SELECT id FROM old))
DELETE FROM sessions_app_delivery WHERE id IN (SELECT id FROM old)
"""
SESSIONS = """
WITH old AS (
    SELECT id FROM (SELECT id, last_received_at FROM sessions_app_mediasession ORDER BY id LIMIT {at_once}) oldest
    WHERE last_received_at < %(before)s
), due AS (DELETE FROM sessions_app_settledue WHERE session_id IN (SELECT id FROM old)),
   summaries AS (DELETE FROM sessions_app_sessionsummary WHERE session_id IN (SELECT id FROM old)),
   ads AS (DELETE FROM sessions_app_adsummary WHERE session_id IN (SELECT id FROM old)),
   segments AS (DELETE FROM sessions_app_segmentsummary WHERE session_id IN (SELECT id FROM old)),
   shares AS (DELETE FROM sessions_app_rollupshare WHERE session_id IN (SELECT id FROM old)),
   links AS (DELETE FROM sessions_app_sessionidentity WHERE session_id IN (SELECT id FROM old))
DELETE FROM sessions_app_mediasession WHERE id IN (SELECT id FROM old)
"""
# An identity nobody is linked to any more says nothing and is personal all the same.
IDENTITIES = """
DELETE FROM sessions_app_identity WHERE id IN (
    SELECT identity.id FROM sessions_app_identity identity
    WHERE identity.first_seen_at < %(before)s AND NOT EXISTS (
        SELECT 1 FROM sessions_app_sessionidentity link WHERE link.identity_id = identity.id)
    ORDER BY identity.id LIMIT {at_once})
"""


def remove_old() -> dict[str, int]:
    """Remove what has been kept long enough; says how many of each."""
    today = database_now()
    removed = {"event days": drop_event_days(today.date() - dt.timedelta(days=settings.EVENT_RETENTION_DAYS))}
    for name, statement, days in rules():
        removed[name] = in_rounds(statement, today - dt.timedelta(days=days))
    removed["audit"] = old_audit(today - dt.timedelta(days=settings.AUDIT_RETENTION_DAYS))
    return {name: count for name, count in removed.items() if count}


def rules() -> list[tuple[str, str, int]]:
    raw, events = settings.RAW_RETENTION_DAYS, settings.EVENT_RETENTION_DAYS
    summaries, quarantine = settings.SUMMARY_RETENTION_DAYS, settings.QUARANTINE_RETENTION_DAYS
    return [
        ("raw batches", oldest("rawbatch", "received_at"), raw),
        ("deliveries", DELIVERIES, raw),
        ("viewer events", oldest("viewerevent", "to_timestamp(received_at_ms / 1000.0)"), events),
        ("minutes", oldest("minuterollup", "minute"), events),
        ("quarantined", oldest("quarantined", "received_at"), quarantine),
        ("refused", oldest("refusedrequest", "minute"), quarantine),
        ("counts", oldest("ingestcount", "minute"), summaries),
        ("sessions", SESSIONS, summaries),
        ("identities", IDENTITIES, summaries),
        ("replays", oldest("replay", "started_at"), summaries),
        ("days", oldest("dayrollup", "day"), summaries),
    ]


def oldest(table: str, when: str) -> str:
    return OLDEST.format(table=f"sessions_app_{table}", when=when, at_once="{at_once}")


def in_rounds(statement: str, before: dt.datetime) -> int:
    removed = 0
    for _ in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute(statement.format(at_once=AT_ONCE), {"before": before})
            removed += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                break
    return removed


def drop_event_days(before: dt.date) -> int:
    """Drop the partitions of days before this one."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS)
        names = [name for (name,) in cursor.fetchall() if name[-8:] < f"{before:%Y%m%d}"]
        for name in names:
            cursor.execute(f'DROP TABLE "{name}"')
    return len(names)


def old_audit(before: dt.datetime) -> int:
    """The audit is append only for everybody but its own retention."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mediadash.audit_retention', 'on', true)")
        cursor.execute("DELETE FROM sessions_app_auditentry WHERE at < %s", [before])
        return int(cursor.rowcount)
