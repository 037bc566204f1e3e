"""What the live path asks Postgres: one statement for any number of sessions."""

from collections.abc import Iterable, Sequence
from typing import Any

from sessions_app.live import db
from sessions_app.live.frames import VIEWER_REFS, first_refs

ROW = """
SELECT session.*, input.name AS input_name, input.platform AS input_platform, workspace.error_names
FROM sessions_app_mediasession session
JOIN sessions_app_input input ON input.id = session.input_id
JOIN sessions_app_workspace workspace ON workspace.id = session.workspace_id
"""
SESSIONS = ROW + "WHERE session.id = ANY(%s)"

# The days once more as plain values let the planner leave out the other days' partitions.
# Read no further than the row's own last_seq: a group may commit between the two queries. Asking each session for its
# events in order makes Postgres take the index on (session_id, seq), also for a partition it knows nothing of yet.
EVENTS = """
SELECT event.* FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[])
    AS asked(session_id, session_day, after_seq, last_seq)
CROSS JOIN LATERAL (
    SELECT session_id, seq, event_key, name, at_ms, batch_at_ms, index_in_batch, received_at_ms, attributes
    FROM sessions_app_mediaevent stored
    WHERE stored.session_day = ANY(%s) AND stored.session_day = asked.session_day
        AND stored.session_id = asked.session_id
        AND stored.seq > asked.after_seq AND stored.seq <= asked.last_seq
    ORDER BY stored.seq
) event
"""

# The one asked for, else the first by name; an asked one that is not theirs is none at all.
WORKSPACE_TO_SHOW = """
SELECT id FROM sessions_app_workspace
WHERE (%s OR id = ANY(%s)) AND (%s = '' OR slug = %s) ORDER BY name, id LIMIT 1
"""
VERSIONS = "SELECT id, version FROM sessions_app_mediasession WHERE id = ANY(%s)"


async def sessions(ids: Sequence[int]) -> list[Any]:
    return await db.fetch(SESSIONS, [list(ids)], prepare=True)


async def events_after(known: Sequence[tuple[Any, int]]) -> dict[int, list[Any]]:
    """The stored events of each (session row, seq) that come after the seq, up to the row's last."""
    asked = [(row, after_seq) for row, after_seq in known if row.last_seq > after_seq]
    if not asked:
        return {}
    parameters = [
        [row.id for row, _ in asked],
        [row.session_day for row, _ in asked],
        [after_seq for _, after_seq in asked],
        [row.last_seq for row, _ in asked],
        list({row.session_day for row, _ in asked}),
    ]
    found: dict[int, list[Any]] = {}
    for event in await db.fetch(EVENTS, parameters):
        found.setdefault(event.session_id, []).append(event)
    return found


async def versions(ids: Sequence[int]) -> dict[int, int]:
    return {row.id: row.version for row in await db.fetch(VERSIONS, [list(ids)], prepare=True)}


async def viewer_ref(session_id: int) -> str | None:
    return first_refs(await db.fetch(VIEWER_REFS, [[session_id]])).get(session_id)


async def workspace_of(session_id: int) -> int | None:
    rows = await db.fetch("SELECT workspace_id FROM sessions_app_mediasession WHERE id = %s", [session_id])
    return rows[0].workspace_id if rows else None


async def workspace_to_show(everywhere: bool, own: Iterable[int], slug: str) -> int | None:
    rows = await db.fetch(WORKSPACE_TO_SHOW, [everywhere, list(own), slug, slug])
    return rows[0].id if rows else None
