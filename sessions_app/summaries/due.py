"""The settle work list: put a session on it, take sessions from it by lease, cross them off.

Leases are on the database's clock. A session that changes while it is being settled is put on the list again, which
takes the row from its owner: what was computed for the older version then crosses nothing off.
"""

import json
from collections.abc import Iterable

from django.db import connection

LEASE_S = 60
TRIES = 5

PUT = """
INSERT INTO sessions_app_settledue (session_id, why, due_at, owner, attempts, last_error)
SELECT wanted.id, %(why)s, statement_timestamp(), '', 0, '' FROM unnest(%(sessions)s::bigint[]) AS wanted (id)
ON CONFLICT (session_id) DO UPDATE
SET why = excluded.why, due_at = excluded.due_at, owner = '', lease_until = NULL, attempts = 0
"""

# What was tried before and not finished is taken alone, so that it can only take itself down. The choice stands apart
# from the update: as a subquery of it Postgres may make it once for every row, and the LIMIT then limits nothing.
CLAIM = """
WITH first AS (
    SELECT attempts FROM sessions_app_settledue
    WHERE due_at <= statement_timestamp() AND attempts < %(tries)s
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
    ORDER BY due_at LIMIT 1
), next AS MATERIALIZED (
    SELECT session_id FROM sessions_app_settledue
    WHERE due_at <= statement_timestamp() AND attempts < %(tries)s
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
      AND (attempts = 0 OR (SELECT attempts FROM first) > 0)
    ORDER BY due_at
    LIMIT (SELECT CASE WHEN attempts > 0 THEN 1 ELSE %(limit)s END FROM first)
    FOR UPDATE SKIP LOCKED)
UPDATE sessions_app_settledue due
SET owner = %(owner)s, attempts = attempts + 1, lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s)
FROM next WHERE due.session_id = next.session_id
RETURNING due.session_id, why
"""

STILL_OURS = """
SELECT session_id FROM sessions_app_settledue WHERE session_id = ANY(%(sessions)s) AND owner = %(owner)s FOR UPDATE
"""
DONE = "DELETE FROM sessions_app_settledue WHERE session_id = ANY(%(sessions)s) AND owner = %(owner)s"
FAILED = """
UPDATE sessions_app_settledue due SET lease_until = NULL, owner = '', last_error = failed.error
FROM json_to_recordset(%(failed)s::json) AS failed (session_id bigint, error text)
WHERE due.session_id = failed.session_id AND due.owner = %(owner)s
"""

OLDEST = """
SELECT coalesce(extract(epoch FROM statement_timestamp() - min(due_at)), 0)::bigint
FROM sessions_app_settledue WHERE attempts < %s AND due_at <= statement_timestamp()
"""


def put(sessions: Iterable[int], why: str) -> None:
    """These sessions are to be settled; in one order, so that two who put do not wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute(PUT, {"sessions": sorted(sessions), "why": why})


def claim(owner: str, limit: int) -> dict[int, str]:
    """Up to `limit` sessions, ours for LEASE_S, and why each is here."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"owner": owner, "lease_s": LEASE_S, "limit": limit, "tries": TRIES})
        return dict(cursor.fetchall())


def still_ours(owner: str, sessions: Iterable[int]) -> set[int]:
    """Which of them nobody took from us; locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_OURS, {"sessions": sorted(sessions), "owner": owner})
        return {row[0] for row in cursor.fetchall()}


def done(owner: str, sessions: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DONE, {"sessions": sorted(sessions), "owner": owner})


def failed(owner: str, errors: dict[int, str]) -> None:
    """Leave them for another try, and keep why this one failed."""
    rows = [{"session_id": session, "error": error} for session, error in sorted(errors.items())]
    with connection.cursor() as cursor:
        cursor.execute(FAILED, {"failed": json.dumps(rows), "owner": owner})


def oldest_waiting_s() -> int:
    """Seconds the first on the list has waited: more than a minute means no worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, [TRIES])
        return int(cursor.fetchone()[0])
