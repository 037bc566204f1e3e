"""received = stored + duplicate + quarantined + refused: counted in the transaction that makes it true.

A minute has one row for each input and writer, so that no two writers wait for one another because of a count.
"""

from collections import defaultdict
from typing import Any

from sessions_app.ingest.exchange import Exchange, Statement
from sessions_app.ingest.group import Group
from sessions_app.ingest.memory import Memory

WORDS = (
    "received", "stored", "duplicate", "quarantined", "refused", "ignored", "batches", "late", "clock_corrected",
)  # fmt: skip
COUNT = Statement(f"""
INSERT INTO sessions_app_ingestcount AS c (writer, input_id, minute, {", ".join(WORDS)})
VALUES ($1, $2, date_trunc('minute', 'epoch'::timestamptz + $3::bigint * interval '1 ms'),
    {", ".join(f"${number}" for number in range(4, 4 + len(WORDS)))})
ON CONFLICT (input_id, minute, writer) DO UPDATE SET
    {", ".join(f"{word} = c.{word} + EXCLUDED.{word}" for word in WORDS)}
""")  # noqa: S608 our own names
MINUTE_MS = 60_000


def count(exchange: Exchange, group: Group, memory: Memory) -> None:
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
    write(exchange, memory.name, [{"input_id": pk, "at_ms": minute, **row} for (pk, minute), row in sums.items()])


def write(exchange: Exchange, writer: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        exchange.later(COUNT, writer, row["input_id"], row["at_ms"], *(row[word] for word in WORDS))
