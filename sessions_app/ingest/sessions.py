"""The session rows of a group: made when missing, locked in one order, moved on by their new events.

A lock is held to the commit, so that a session's numbers appear in order and without a hole. Every writer inserts in
the order of the keys first and locks in the order of the ids then: two writers may wait for one another, never both.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from sessions_app.ingest.group import Group, SessionWork
from sessions_app.ingest.memory import Memory
from sessions_app.models.history import read_events
from sessions_app.models.rules import rules_for
from sessions_app.timeline import session as timeline_session
from sessions_app.timeline.rules import FOLD_VERSION
from sessions_app.timeline.session import State

INSERT = """
INSERT INTO sessions_app_mediasession (
    workspace_id, input_id, media_session_id, session_key, session_day, platform, device, os, player_name, sdk_version,
    mpid, state, live, started_at_ms, last_at_ms, first_received_at, last_received_at, version, last_seq,
    duplicate_count, quarantined_count, settled_version, fold_version, fold)
SELECT n.workspace_id, n.input_id, n.media_session_id, n.session_key, (t.received_at AT TIME ZONE 'UTC')::date,
    '', '', '', '', '', '', 'starting', true, n.received_at_ms, n.received_at_ms, t.received_at, t.received_at, 0, 0,
    0, 0, 0, 1, ''
FROM json_to_recordset(%s::json) AS n (
        workspace_id bigint, input_id bigint, media_session_id text, session_key uuid, received_at_ms bigint)
    CROSS JOIN LATERAL (SELECT 'epoch'::timestamptz + n.received_at_ms * interval '1 ms' AS received_at) t
ON CONFLICT (input_id, session_key) DO NOTHING
"""
LOCK = """
SELECT s.id, s.input_id, s.session_key, s.session_day, s.version, s.last_seq, s.fold_version, s.settled_version,
    s.live, s.platform, s.device, s.os, s.sdk_version, s.mpid, s.fold
FROM sessions_app_mediasession s
WHERE s.id = ANY(ARRAY(
    SELECT found.id FROM unnest(%b::bigint[], %t::uuid[]) AS wanted (input_id, session_key)
    JOIN sessions_app_mediasession found USING (input_id, session_key)))
ORDER BY s.id FOR UPDATE
"""
UPDATE = """
UPDATE sessions_app_mediasession s SET
    content_id = n.content_id, content_title = n.content_title, content_type = n.content_type,
    stream_type = n.stream_type, content_duration_ms = n.content_duration_ms, platform = n.platform,
    device = n.device, os = n.os, player_name = n.player_name, sdk_version = n.sdk_version, mpid = n.mpid,
    state = n.state, live = n.live, ended_reason = n.ended_reason, started_at_ms = n.started_at_ms,
    last_at_ms = n.last_at_ms, closes_at_ms = n.closes_at_ms,
    last_received_at = greatest(s.last_received_at, 'epoch'::timestamptz + n.received_at_ms * interval '1 ms'),
    version = n.version, last_seq = n.last_seq, fold_version = n.fold_version, fold = convert_to(n.fold, 'UTF8'),
    duplicate_count = s.duplicate_count + n.duplicates, quarantined_count = s.quarantined_count + n.quarantined
FROM json_to_recordset(%s::json) AS n (
    id bigint, content_id text, content_title text, content_type text, stream_type text, content_duration_ms bigint,
    platform text, device text, os text, player_name text, sdk_version text, mpid text, state text, live boolean,
    ended_reason text, started_at_ms bigint, last_at_ms bigint, closes_at_ms bigint, received_at_ms bigint,
    version bigint, last_seq bigint, fold_version smallint, fold text, duplicates bigint, quarantined bigint)
WHERE s.id = n.id
"""
COUNT_ONLY = """
UPDATE sessions_app_mediasession s
SET duplicate_count = s.duplicate_count + n.duplicates, quarantined_count = s.quarantined_count + n.quarantined
FROM json_to_recordset(%s::json) AS n (id bigint, duplicates bigint, quarantined bigint)
WHERE s.id = n.id
"""
to_json = msgspec.json.encode


class LockedRow(NamedTuple):
    """What of a session row the store needs, as it was when it was locked."""

    id: int
    input_id: int
    session_key: Any
    session_day: dt.date
    version: int
    last_seq: int
    fold_version: int
    settled_version: int
    live: bool
    platform: str
    device: str
    os: str
    sdk_version: str
    mpid: str
    fold: bytes


def lock(conn: Connection, group: Group, memory: Memory) -> None:
    """Make the sessions that are missing and lock them all."""
    works = group.locked_in_order()
    if not works:
        return
    unknown = [work for work in works if memory.sessions.get(work.place) is None]
    insert(conn, unknown)
    missing = find_and_lock(conn, works)
    if missing:  # remembered, and deleted since
        insert(conn, missing)
        find_and_lock(conn, missing)
    for work in works:
        memory.sessions.learn(work.place)


def insert(conn: Connection, works: Iterable[SessionWork]) -> None:
    new = [
        {
            "workspace_id": work.source.workspace_id,
            "input_id": work.source.id,
            "media_session_id": work.media_session_id,
            "session_key": work.session_key,
            "received_at_ms": work.received_at_ms,
        }
        for work in works
    ]
    if new:
        conn.execute(INSERT, [to_json(new).decode()])


def find_and_lock(conn: Connection, works: list[SessionWork]) -> list[SessionWork]:
    """Lock these sessions' rows; returns those that have none."""
    by_place = {work.place: work for work in works}
    keys = [[work.source.id for work in works], [work.session_key for work in works]]
    for found in conn.execute(LOCK, keys):
        row = LockedRow(*found)
        work = by_place.pop((row.input_id, row.session_key.hex))
        work.id, work.row, work.is_new = row.id, row, row.version == 0
    return list(by_place.values())


def advance(conn: Connection, group: Group, memory: Memory) -> list[tuple[int, int, int]]:
    """Fold the new events into their sessions' states; returns (workspace, session, version) of what changed."""
    changed, counted, changes = [], [], []
    for work in group.sessions.values():
        if work.incoming:
            move_on(conn, work, memory)
            count_late(group, work)
            fold = to_json(work.fold[1].fields())
            row = as_row(work, fold)
            memory.folds.learn(work.id, (fold, work.fold[1]))
            changed.append(row)
            changes.append((work.source.workspace_id, work.id, work.row.version + 1))
        elif work.duplicates or work.quarantined:
            counted.append({"id": work.id, "duplicates": work.duplicates, "quarantined": work.quarantined})
    if changed:
        conn.execute(UPDATE, [to_json(changed).decode()])
    if counted:
        conn.execute(COUNT_ONLY, [to_json(counted).decode()])
    return changes


def move_on(conn: Connection, work: SessionWork, memory: Memory) -> None:
    """The session's state after its new events: advanced, or folded anew when one belongs before the last."""
    rules = rules_for(work.source.error_names)
    events = [reported.event for reported, _ in work.incoming.values()]
    before = None if work.is_new else kept_fold(work, memory)
    after: State | None = None
    if before is not None:
        after = timeline_session.extend(before, events, rules)
    if after is None:
        # The events themselves are in the table by now: what is read there is the whole history.
        told = events if work.is_new else read_events(conn.cursor(), [work.row.session_day], [work.id])[work.id]
        after = timeline_session.replay(told, rules)
    work.fold = (before, after)


def kept_fold(work: SessionWork, memory: Memory) -> State | None:
    """The state in the row, or None when another version of the fold made it."""
    if work.row.fold_version != FOLD_VERSION or not work.row.fold:
        return None
    remembered = memory.folds.get(work.id)
    if remembered is not None and remembered[0] == work.row.fold:
        state: State = remembered[1]
        return state
    return State.decode(bytes(work.row.fold))


def count_late(group: Group, work: SessionWork) -> None:
    before, after = work.fold
    late = after.late_event_count - (0 if before is None else before.late_event_count)
    corrected = after.corrected_count - (0 if before is None else before.corrected_count)
    if late > 0:
        group.late[work.source.id] = group.late.get(work.source.id, 0) + late
    if corrected > 0:
        group.corrected[work.source.id] = group.corrected.get(work.source.id, 0) + corrected


def as_row(work: SessionWork, fold: bytes) -> dict[str, Any]:
    state, row = work.fold[1], work.row
    batch = newest_batch(work)
    return {
        "id": work.id,
        "content_id": state.content_id,
        "content_title": state.content_title,
        "content_type": state.content_type,
        "stream_type": state.stream_type,
        "content_duration_ms": state.content_duration_ms,
        "platform": batch.platform or row.platform or work.source.platform,
        "device": batch.device or row.device,
        "os": batch.os or row.os,
        "player_name": state.player_name or "",
        "sdk_version": batch.sdk_version or row.sdk_version,
        "mpid": batch.mpid or row.mpid,
        "state": state.state,
        "live": state.live,
        "ended_reason": state.ended_reason,
        "started_at_ms": state.started_at_ms,
        "last_at_ms": state.last_at_ms,
        "closes_at_ms": state.closes_at_ms,
        "received_at_ms": work.received_at_ms,
        "version": row.version + 1,
        "last_seq": row.last_seq + len(work.incoming),
        "fold_version": FOLD_VERSION,
        # As it is: json_to_recordset gives a nested object's own characters for text.
        "fold": msgspec.Raw(fold),
        "duplicates": work.duplicates,
        "quarantined": work.quarantined,
    }


def newest_batch(work: SessionWork) -> Any:
    """The batch the last new event of this group came in."""
    return next(reversed(work.incoming.values()))[1].batch
