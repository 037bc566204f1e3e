"""Where a viewer left traces, and taking them out: the rows behind an erasure.

Events and sessions are found by their keys. Raw bytes have no key of a person: they are searched for each identity's
text, and a batch is taken out only when it names the person where identities stand, so that a customer called "42"
does not take a stranger's bitrate along.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from sessions_app.keys import key128
from sessions_app.summaries import rollup
from sessions_app.viewers.masking import PRIVATE_FIELDS

# Text without any structure is taken out on a plain match, unless the identity is too short to mean anything.
SHORTEST_PLAIN = 6
CHUNK = 500
SESSION_TABLES = ("settledue", "sessionsummary", "adsummary", "segmentsummary", "sessionidentity")


@dataclass
class Traces:
    """What is to go: the identities' texts, and the keys of the rows they were found on."""

    values: list[str]
    session_ids: list[int] = field(default_factory=list)
    raw_batch_ids: list[int] = field(default_factory=list)

    @property
    def lanes(self) -> list[str]:
        return [key128(value) for value in self.values]


def find(workspace_id: int, identities: list[tuple[str, str]]) -> Traces:
    """Sessions any of these identities was seen on, and every raw batch that holds their events or their names."""
    traces = Traces([value for _, value in identities])
    traces.session_ids = _ids(
        "SELECT DISTINCT seen.session_id FROM sessions_app_sessionidentity seen"
        " JOIN sessions_app_identity i ON i.id = seen.identity_id"
        " WHERE i.workspace_id = %s AND (i.type, i.value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
        " UNION SELECT id FROM sessions_app_mediasession WHERE workspace_id = %s AND mpid = ANY(%s)",
        [workspace_id, *_columns(identities), workspace_id, _mpids(identities)],
    )
    traces.session_ids += _replays_of(workspace_id, traces.session_ids)
    held = _ids(
        "SELECT DISTINCT e.raw_batch_id FROM sessions_app_mediaevent e JOIN sessions_app_mediasession s"
        " ON s.id = e.session_id AND s.session_day = e.session_day WHERE s.id = ANY(%s)"
        " UNION SELECT raw_batch_id FROM sessions_app_viewerevent WHERE workspace_id = %s AND lane = ANY(%s::uuid[])",
        [traces.session_ids, workspace_id, traces.lanes],
    )
    traces.raw_batch_ids = sorted({*held, *_naming("rawbatch", "body", workspace_id, traces.values)})
    return traces


def _replays_of(workspace_id: int, session_ids: list[int]) -> list[int]:
    """What these sessions became in the sandbox; also of sessions gone before, for the last batch of a replay."""
    return _ids(
        "SELECT played.id FROM sessions_app_replay r JOIN sessions_app_mediasession played"
        " ON played.input_id = r.input_id AND played.session_key = r.session_key"
        " WHERE r.workspace_id = %s AND (r.session_id = ANY(%s)"
        " OR NOT EXISTS (SELECT 1 FROM sessions_app_mediasession s WHERE s.id = r.session_id))",
        [workspace_id, session_ids],
    )


def take_out(workspace_id: int, traces: Traces) -> dict[str, int]:
    """Delete every row found, in the open transaction; how many of each kind went."""
    counts = {
        "rollupshare": rollup.take_out(traces.session_ids),
        "events": _delete(
            "sessions_app_mediaevent e USING sessions_app_mediasession s"
            " WHERE s.id = e.session_id AND s.session_day = e.session_day AND s.id = ANY(%s)",
            [traces.session_ids],
        ),
        "events_without_session": _delete(
            "sessions_app_viewerevent WHERE workspace_id = %s AND lane = ANY(%s::uuid[])",
            [workspace_id, traces.lanes],
        ),
        "quarantined": _take_out_quarantine(workspace_id, traces.values),
        **_take_out_deliveries(workspace_id, traces),
        "raw_batches": _delete("sessions_app_rawbatch WHERE id = ANY(%s)", [traces.raw_batch_ids]),
    }
    for table in SESSION_TABLES:
        counts[table] = _delete(f"sessions_app_{table} WHERE session_id = ANY(%s)", [traces.session_ids])
    counts["sessions"] = _delete("sessions_app_mediasession WHERE id = ANY(%s)", [traces.session_ids])
    return counts


def take_out_identities(workspace_id: int, identities: list[tuple[str, str]]) -> int:
    rows = (
        "sessions_app_identity WHERE workspace_id = %s"
        " AND (type, value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
    )
    with_links = [workspace_id, *_columns(identities)]
    _delete(f"sessions_app_sessionidentity WHERE identity_id IN (SELECT id FROM {rows})", with_links)  # noqa: S608
    return _delete(rows, with_links)


def names(raw: bytes, values: Iterable[str]) -> bool:
    """Whether a raw body names one of these people where identities stand."""
    wanted = set(values)
    try:
        return _names_in(json.loads(raw), wanted, inside=False)
    except (ValueError, RecursionError):
        text = raw.decode("utf-8", "replace")
        return any(len(value) >= SHORTEST_PLAIN and value in text for value in wanted)


def _names_in(node: Any, wanted: set[str], inside: bool) -> bool:
    if isinstance(node, dict):
        return any(_names_in(item, wanted, inside or key in PRIVATE_FIELDS) for key, item in node.items())
    if isinstance(node, list):
        return any(_names_in(item, wanted, inside) for item in node)
    if isinstance(node, str | int) and not isinstance(node, bool):
        # A long identity is nobody else's wherever it stands, in a custom attribute too.
        return str(node) in wanted and (inside or len(str(node)) >= SHORTEST_PLAIN)
    return False


def _naming(table: str, column: str, workspace_id: int, values: list[str]) -> list[int]:
    """Rows of a table with raw bytes that name one of these people; read in pieces, never all at once."""
    patterns = sorted({pattern for value in values for pattern in _spellings(value)})
    found: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, r.{column} FROM sessions_app_{table} r JOIN sessions_app_input i ON i.id = r.input_id"  # noqa: S608
            " WHERE i.workspace_id = %s"
            f" AND EXISTS (SELECT 1 FROM unnest(%s::bytea[]) p WHERE position(p IN r.{column}) > 0)",
            [workspace_id, patterns],
        )
        while rows := cursor.fetchmany(CHUNK):
            found.extend(pk for pk, raw in rows if names(bytes(raw), values))
    return found


def _spellings(value: str) -> set[bytes]:
    """How a text may stand in JSON: as it is, or with escapes."""
    return {value.encode("utf-8", "surrogatepass"), json.dumps(value)[1:-1].encode()}


def _take_out_quarantine(workspace_id: int, values: list[str]) -> int:
    ids = _naming("quarantined", "raw", workspace_id, values)
    return _delete("sessions_app_quarantined WHERE id = ANY(%s)", [ids])


def _take_out_deliveries(workspace_id: int, traces: Traces) -> dict[str, int]:
    """Outbox rows and their attempts; `forwarded` counts what mParticle has already and must be asked to erase."""
    mine = (
        "sessions_app_delivery WHERE destination_id IN"
        " (SELECT id FROM sessions_app_destination WHERE workspace_id = %s)"
        " AND (raw_batch_id = ANY(%s) OR lane = ANY(%s::uuid[]))"
    )
    keys = [workspace_id, traces.raw_batch_ids, traces.lanes]
    forwarded = len(_ids(f"SELECT id FROM {mine} AND status = 'sent'", keys))  # noqa: S608
    attempts = _delete(f"sessions_app_attempt WHERE delivery_id IN (SELECT id FROM {mine})", keys)  # noqa: S608
    return {"deliveries": _delete(mine, keys), "attempts": attempts, "forwarded": forwarded}


def _columns(identities: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [kind for kind, _ in identities], [value for _, value in identities]


def _mpids(identities: list[tuple[str, str]]) -> list[str]:
    return [value for kind, value in identities if kind == "mpid"]


def _ids(query: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def _delete(rows: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {rows}", values)  # noqa: S608
        return int(cursor.rowcount)
