"""What follows from stored events, written in the same transaction: who was seen, what to pass on, what to settle.

The rows are the work orders. Celery may hear of them sooner by a hint; it finds them without one.
"""

from typing import Any

import msgspec

from sessions_app.ingest.exchange import Exchange, Statement, integer
from sessions_app.ingest.group import Group, RawRow, SessionWork
from sessions_app.ingest.memory import Memory
from sessions_app.keys import key128

DELIVER = Statement("""
INSERT INTO sessions_app_delivery (
    destination_id, raw_batch_id, indexes, rest, event_count, lane, status, source_request_id, attempts, crashes,
    next_attempt_at, owner, created_at, last_error)
SELECT n.destination_id, n.raw_batch_id, n.indexes, '[]'::jsonb, jsonb_array_length(n.indexes), n.lane, 'due', '', 0, 0,
    now(), '', now(), ''
FROM json_to_recordset($1::json) AS n (destination_id bigint, raw_batch_id bigint, indexes jsonb, lane uuid)
""")
# Whoever settles this session right now loses the row: it was put here again because there is more to settle.
SETTLE = Statement("""
INSERT INTO sessions_app_settledue (session_id, why, due_at, owner, attempts, last_error)
SELECT n.session_id, n.why, now(), '', 0, '' FROM json_to_recordset($1::json) AS n (session_id bigint, why text)
ON CONFLICT (session_id) DO UPDATE
SET why = EXCLUDED.why, due_at = EXCLUDED.due_at, owner = '', lease_until = NULL, attempts = 0
""")
IDENTITIES = Statement("""
INSERT INTO sessions_app_identity (workspace_id, type, value, value_key, value_end, first_seen_at)
SELECT n.workspace_id, n.type, n.value, n.value_key, n.value_end, now()
FROM json_to_recordset($1::json) AS n (workspace_id bigint, type text, value text, value_key uuid, value_end text)
ON CONFLICT (workspace_id, type, value_key) DO NOTHING
""")
IDENTITY_IDS = Statement("""
SELECT i.workspace_id, i.type, i.value_key, i.id
FROM json_to_recordset($1::json) AS wanted (workspace_id bigint, type text, value_key uuid)
JOIN sessions_app_identity i USING (workspace_id, type, value_key)
""")
SEEN = Statement("""
INSERT INTO sessions_app_sessionidentity (session_id, identity_id, first_seen_at)
SELECT n.session_id, n.identity_id, now()
FROM json_to_recordset($1::json) AS n (session_id bigint, identity_id bigint)
ON CONFLICT (session_id, identity_id) DO NOTHING
""")
# Whose last characters may be shown and searched: what people read out over the phone, never names or addresses.
READ_OUT = frozenset({"mpid", "mp_deviceid"})
ENDING = 4

IdentityPlace = tuple[int, str, str]
to_json = msgspec.json.encode


def enqueue_deliveries(exchange: Exchange, group: Group) -> None:
    """One outbox row for each batch with new events and each destination that is switched on."""
    due = [
        {"destination_id": destination, "raw_batch_id": raw.id, "indexes": sorted(raw.new_indexes), "lane": lane(raw)}
        for raw in group.raws.values()
        if raw.new_indexes
        for destination in raw.received.source.destinations
    ]
    if due:
        exchange.later(DELIVER, to_json(due))


def lane(raw: RawRow) -> str:
    """The viewer's lane; a batch that names nobody waits for nobody."""
    return raw.lane or raw.batch_key


def settle_due(exchange: Exchange, group: Group) -> None:
    """Sessions that have ended, and settled ones that have changed."""
    due = [
        {"session_id": work.id, "why": "late_data" if work.row.settled_version else "ended"}
        for work in group.locked_in_order()
        if work.fold is not None and (work.row.settled_version or not work.fold[1].live)
    ]
    if due:
        exchange.later(SETTLE, to_json(due))


def link_identities(exchange: Exchange, group: Group, memory: Memory) -> None:
    """Who was seen on which session: written once for each pair."""
    seen: dict[tuple[int, IdentityPlace], str] = {}
    for work in group.sessions.values():
        for raw in batches_of(work):
            for kind, value in raw.batch.identities:
                place = (work.source.workspace_id, kind, value)
                if memory.seen_on.get((work.id, place)) is None:
                    seen[(work.id, place)] = value
    if not seen:
        return
    ids = identity_ids(exchange, {place for _, place in seen}, memory)
    pairs = [{"session_id": session, "identity_id": ids[place]} for session, place in seen]
    exchange.later(SEEN, to_json(sorted(pairs, key=lambda pair: (pair["session_id"], pair["identity_id"]))))
    for pair in seen:
        memory.seen_on.learn(pair)


def batches_of(work: SessionWork) -> list[RawRow]:
    found: dict[int, RawRow] = {}
    for _, raw in work.incoming.values():
        found[id(raw)] = raw
    return list(found.values())


def identity_ids(exchange: Exchange, places: set[IdentityPlace], memory: Memory) -> dict[IdentityPlace, int]:
    ids = {place: known for place in places if (known := memory.identities.get(place)) is not None}
    unknown = sorted(places - ids.keys())
    if not unknown:
        return ids
    by_key = {(workspace, kind, key128(value)): (workspace, kind, value) for workspace, kind, value in unknown}
    wanted = to_json([identity_row(*place, key) for (_, _, key), place in by_key.items()])
    exchange.later(IDENTITIES, wanted)
    for workspace, kind, key, found in exchange.now(IDENTITY_IDS, wanted).rows():
        place = by_key[(integer(workspace), kind.decode(), key.hex())]
        ids[place] = identity_id = integer(found)
        memory.identities.learn(place, identity_id)
    return ids


def identity_row(workspace: int, kind: str, value: str, key: str) -> dict[str, Any]:
    ending = value[-ENDING:] if kind in READ_OUT and len(value) > ENDING else ""
    return {"workspace_id": workspace, "type": kind, "value": value, "value_key": key, "value_end": ending}
