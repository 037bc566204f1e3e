"""Media events that named no session: kept under the viewer of their batch, once."""

from typing import Any

import msgspec

from sessions_app.ingest.exchange import Exchange, Statement, array, integer
from sessions_app.ingest.group import Group, Incoming

INSERT = Statement("""
INSERT INTO sessions_app_viewerevent (
    input_id, workspace_id, event_key, lane, name, at_ms, received_at_ms, raw_batch_id, index_in_batch, content_hash,
    attributes)
SELECT * FROM json_to_recordset($1::json) AS n (
    input_id bigint, workspace_id bigint, event_key uuid, lane uuid, name text, at_ms bigint, received_at_ms bigint,
    raw_batch_id bigint, index_in_batch integer, content_hash bigint, attributes text)
ON CONFLICT (input_id, event_key) DO NOTHING
RETURNING input_id, event_key
""")
KNOWN = Statement("""
SELECT e.input_id, e.event_key, e.content_hash FROM unnest($1::bigint[], $2::uuid[]) AS wanted (input_id, event_key)
JOIN sessions_app_viewerevent e USING (input_id, event_key)
""")


def store(exchange: Exchange, group: Group) -> None:
    """Add what is new; tell duplicates and conflicts apart among the rest."""
    if not group.viewer_events:
        return
    # In one order for all writers, as everywhere.
    in_order = sorted(group.viewer_events)
    rows = [as_row(group.viewer_events[place]) for place in in_order]
    added = exchange.now(INSERT, msgspec.json.encode(rows))
    new = {(integer(input_id), key.hex()) for input_id, key in added.rows()}
    for place in new:
        reported, raw = group.viewer_events[place]
        raw.new_indexes.append(reported.event.index_in_batch)
        raw.outcome.accepted += 1
    known = [place for place in in_order if place not in new]
    if known:
        tell_known_apart(exchange, group, known)


def tell_known_apart(exchange: Exchange, group: Group, known: list[tuple[int, str]]) -> None:
    inputs, keys = array([input_id for input_id, _ in known]), array([key for _, key in known])
    for input_id, key, content_hash in exchange.now(KNOWN, inputs, keys).rows():
        incoming = group.viewer_events[(integer(input_id), key.hex())]
        if incoming[0].content_hash == integer(content_hash):
            group.is_duplicate(incoming, None)
        else:
            group.conflicts(incoming, None)


def as_row(incoming: Incoming) -> dict[str, Any]:
    reported, raw = incoming
    event, source = reported.event, raw.received.source
    return {
        "input_id": source.id,
        "workspace_id": source.workspace_id,
        "event_key": event.key,
        "lane": raw.lane,
        "name": event.name,
        "at_ms": event.at_ms,
        "received_at_ms": event.received_at_ms,
        "raw_batch_id": raw.stored_id,
        "index_in_batch": event.index_in_batch,
        "content_hash": reported.content_hash,
        "attributes": reported.attributes_json.decode(),
    }
