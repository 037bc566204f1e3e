"""received = stored + duplicate + quarantined + refused: counted in the transaction that makes it true.

A minute has one row for each input and writer, so that no two writers wait for one another because of a count.
"""

from collections import defaultdict
from typing import Any

import msgspec
from psycopg import Connection

from sessions_app.ingest.group import Group
from sessions_app.ingest.memory import Memory

COUNT = """
INSERT INTO sessions_app_ingestcount AS c (
    input_id, minute, writer, received, stored, duplicate, quarantined, refused, ignored, batches, late,
    clock_corrected)
SELECT n.input_id, date_trunc('minute', 'epoch'::timestamptz + n.at_ms * interval '1 ms'), %s, n.received, n.stored,
    n.duplicate, n.quarantined, n.refused, n.ignored, n.batches, n.late, n.clock_corrected
FROM json_to_recordset(%s::json) AS n (
    input_id bigint, at_ms bigint, received bigint, stored bigint, duplicate bigint, quarantined bigint,
    refused bigint, ignored bigint, batches bigint, late bigint, clock_corrected bigint)
ON CONFLICT (input_id, minute, writer) DO UPDATE SET
    received = c.received + EXCLUDED.received, stored = c.stored + EXCLUDED.stored,
    duplicate = c.duplicate + EXCLUDED.duplicate, quarantined = c.quarantined + EXCLUDED.quarantined,
    refused = c.refused + EXCLUDED.refused, ignored = c.ignored + EXCLUDED.ignored,
    batches = c.batches + EXCLUDED.batches, late = c.late + EXCLUDED.late,
    clock_corrected = c.clock_corrected + EXCLUDED.clock_corrected
"""
MINUTE_MS = 60_000
WORDS = (
    "received", "stored", "duplicate", "quarantined", "refused", "ignored", "batches", "late", "clock_corrected",
)  # fmt: skip


def count(conn: Connection, group: Group, memory: Memory) -> None:
    """Add this group's events to the counts of their inputs."""
    sums: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(WORDS, 0))
    for received, outcome in zip(group.requests, group.outcomes, strict=True):
        minute = received.received_at_ms - received.received_at_ms % MINUTE_MS
        row = sums[(received.source.id, minute)]
        row["stored"] += outcome.accepted
        row["duplicate"] += outcome.duplicates
        row["quarantined"] += outcome.quarantined
        row["refused"] += outcome.refused
        row["received"] += outcome.accepted + outcome.duplicates + outcome.quarantined + outcome.refused
        row["ignored"] += sum(batch.ignored for batch in received.batches)
        row["batches"] += len(received.batches)
        row["late"] += group.late.pop(received.source.id, 0)
        row["clock_corrected"] += group.corrected.pop(received.source.id, 0)
    write(conn, memory.name, [{"input_id": pk, "at_ms": minute, **row} for (pk, minute), row in sums.items()])


def write(conn: Connection, writer: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        conn.execute(COUNT, [writer, msgspec.json.encode(rows).decode()])
