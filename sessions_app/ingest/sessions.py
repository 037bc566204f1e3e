"""The session rows of a group: made when missing, locked in one order, moved on by their new events.

A lock is held to the commit, so that a session's numbers appear in order and without a hole. Every writer inserts in
the order of the keys first and locks in the order of the ids then: two writers may wait for one another, never both.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from sessions_app.ingest.exchange import Exchange, Statement, array, integer
from sessions_app.ingest.group import Group, SessionWork
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.rows import EPOCH_DAY
from sessions_app.models.history import read_events
from sessions_app.models.rules import rules_for
from sessions_app.timeline import session as timeline_session
from sessions_app.timeline.events import Event
from sessions_app.timeline.rules import FOLD_VERSION
from sessions_app.timeline.session import State

INSERT = Statement("""
INSERT INTO sessions_app_mediasession (
    workspace_id, input_id, media_session_id, session_key, session_day, platform, device, os, player_name, sdk_version,
    mpid, state, live, started_at_ms, last_at_ms, first_received_at, last_received_at, version, last_seq,
    duplicate_count, quarantined_count, settled_version, fold_version, fold)
SELECT n.workspace_id, n.input_id, n.media_session_id, n.session_key, (t.received_at AT TIME ZONE 'UTC')::date,
    '', '', '', '', '', '', 'starting', true, n.received_at_ms, n.received_at_ms, t.received_at, t.received_at, 0, 0,
    0, 0, 0, 1, ''
FROM json_to_recordset($1::json) AS n (
        workspace_id bigint, input_id bigint, media_session_id text, session_key uuid, received_at_ms bigint)
    CROSS JOIN LATERAL (SELECT 'epoch'::timestamptz + n.received_at_ms * interval '1 ms' AS received_at) t
ON CONFLICT (input_id, session_key) DO NOTHING
""")
LOCK = Statement("""
SELECT s.id, s.input_id, s.session_key, s.session_day, s.version, s.last_seq, s.fold_version, s.settled_version,
    s.live, s.platform, s.device, s.os, s.sdk_version, s.mpid, s.fold
FROM sessions_app_mediasession s
WHERE s.id = ANY(ARRAY(
    SELECT found.id FROM unnest($1::bigint[], $2::uuid[]) AS wanted (input_id, session_key)
    JOIN sessions_app_mediasession found USING (input_id, session_key)))
ORDER BY s.id FOR UPDATE
""")
# What the store writes of a session, beside what it adds up.
WRITTEN = (
    "content_id", "content_title", "content_type", "stream_type", "content_duration_ms", "platform", "device", "os",
    "player_name", "sdk_version", "mpid", "state", "live", "ended_reason", "started_at_ms", "last_at_ms",
    "closes_at_ms", "version", "last_seq", "fold_version",
)  # fmt: skip
UPDATE = Statement(f"""
UPDATE sessions_app_mediasession SET
    {", ".join(f"{name} = ${number}" for number, name in enumerate(WRITTEN, 6))},
    last_received_at = greatest(last_received_at, 'epoch'::timestamptz + $2::bigint * interval '1 ms'),
    fold = convert_to($3, 'UTF8'), duplicate_count = duplicate_count + $4, quarantined_count = quarantined_count + $5
WHERE id = $1
""")  # noqa: S608 our own names
COUNT_ONLY = Statement("""
UPDATE sessions_app_mediasession
SET duplicate_count = duplicate_count + $2, quarantined_count = quarantined_count + $3 WHERE id = $1
""")
to_json = msgspec.json.encode


class LockedRow(NamedTuple):
    """What of a session row the store needs, as it was when it was locked."""

    id: int
    input_id: int
    # In hexadecimal.
    session_key: str
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

    @classmethod
    def read(cls, values: Sequence[Any]) -> "LockedRow":
        """From LOCK's columns in binary."""
        pk, input_id, key, day, version, last_seq, fold_version, settled_version, live, *texts, fold = values
        platform, device, os, sdk_version, mpid = (text.decode() for text in texts)
        return cls(
            integer(pk), integer(input_id), key.hex(), EPOCH_DAY + dt.timedelta(integer(day)), integer(version),
            integer(last_seq), integer(fold_version), integer(settled_version), live == b"\x01",
            platform, device, os, sdk_version, mpid, fold,
        )  # fmt: skip


def lock(exchange: Exchange, group: Group, memory: Memory) -> None:
    """Make the sessions that are missing and lock them all."""
    works = group.locked_in_order()
    if not works:
        return
    unknown = [work for work in works if memory.sessions.get(work.place) is None]
    insert(exchange, unknown)
    missing = find_and_lock(exchange, works)
    if missing:  # remembered, and deleted since
        insert(exchange, missing)
        find_and_lock(exchange, missing)
    for work in works:
        memory.sessions.learn(work.place)


def insert(exchange: Exchange, works: Iterable[SessionWork]) -> None:
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
        exchange.later(INSERT, to_json(new))


def find_and_lock(exchange: Exchange, works: list[SessionWork]) -> list[SessionWork]:
    """Lock these sessions' rows; returns those that have none."""
    by_place = {work.place: work for work in works}
    inputs, keys = array([work.source.id for work in works]), array([work.session_key for work in works])
    for found in exchange.now(LOCK, inputs, keys).rows():
        row = LockedRow.read(found)
        work = by_place.pop((row.input_id, row.session_key))
        work.id, work.row, work.is_new = row.id, row, row.version == 0
    return list(by_place.values())


def advance(exchange: Exchange, group: Group, memory: Memory) -> list[tuple[int, int, int]]:
    """Fold the new events into their sessions' states; returns (workspace, session, version) of what changed."""
    changes = []
    for work in group.sessions.values():
        if work.incoming:
            move_on(exchange, work, memory)
            count_late(group, work)
            fold = to_json(work.fold[1].fields())
            memory.folds.learn(work.id, (fold, work.fold[1]))
            exchange.later(
                UPDATE, work.id, work.received_at_ms, fold, work.duplicates, work.quarantined, *written(work)
            )
            changes.append((work.source.workspace_id, work.id, work.row.version + 1))
        elif work.duplicates or work.quarantined:
            exchange.later(COUNT_ONLY, work.id, work.duplicates, work.quarantined)
    return changes


def move_on(exchange: Exchange, work: SessionWork, memory: Memory) -> None:
    """The session's state after its new events: advanced, or folded anew when one belongs before the last."""
    rules = rules_for(work.source.error_names)
    events = [reported.event for reported, _ in work.incoming.values()]
    before = None if work.is_new else kept_fold(work, memory)
    after: State | None = None
    if before is not None:
        after = timeline_session.extend(before, events, rules)
    if after is None:
        told = events if work.is_new else history(exchange, work)
        after = timeline_session.replay(told, rules)
    work.fold = (before, after)


def history(exchange: Exchange, work: SessionWork) -> list[Event]:
    """All there is of it, with the new events: they are in the table by now."""
    exchange.flush()
    return read_events(exchange.conn.cursor(), [work.row.session_day], [work.id])[work.id]


def kept_fold(work: SessionWork, memory: Memory) -> State | None:
    """The state in the row, or None when another version of the fold made it."""
    if work.row.fold_version != FOLD_VERSION or not work.row.fold:
        return None
    remembered = memory.folds.get(work.id)
    if remembered is not None and remembered[0] == work.row.fold:
        state: State = remembered[1]
        return state
    return State.decode(work.row.fold)


def count_late(group: Group, work: SessionWork) -> None:
    before, after = work.fold
    late = after.late_event_count - (0 if before is None else before.late_event_count)
    corrected = after.corrected_count - (0 if before is None else before.corrected_count)
    if late > 0:
        group.late[work.source.id] = group.late.get(work.source.id, 0) + late
    if corrected > 0:
        group.corrected[work.source.id] = group.corrected.get(work.source.id, 0) + corrected


def written(work: SessionWork) -> tuple[str | int | None, ...]:
    """The values of WRITTEN."""
    state, row, batch = work.fold[1], work.row, newest_batch(work)
    return (
        state.content_id, state.content_title, state.content_type, state.stream_type, state.content_duration_ms,
        batch.platform or row.platform or work.source.platform, batch.device or row.device, batch.os or row.os,
        state.player_name or "", batch.sdk_version or row.sdk_version, batch.mpid or row.mpid, state.state, state.live,
        state.ended_reason, state.started_at_ms, state.last_at_ms, state.closes_at_ms, row.version + 1,
        row.last_seq + len(work.incoming), FOLD_VERSION,
    )  # fmt: skip


def newest_batch(work: SessionWork) -> Any:
    """The batch the last new event of this group came in."""
    return next(reversed(work.incoming.values()))[1].batch
