"""Keeps the bytes as received: all at once when all are new, one by one when some were kept before."""

from sessions_app.ingest import rows
from sessions_app.ingest.exchange import BINARY, Exchange, Statement, integer
from sessions_app.ingest.group import Group, RawRow
from sessions_app.ingest.memory import Memory

TABLE = rows.Table("sessions_app_rawbatch", rows.RAW_COLUMNS)
IDS_AT_ONCE = 512
MORE_IDS = Statement(
    "SELECT nextval(pg_get_serial_sequence('sessions_app_rawbatch', 'id')) FROM generate_series(1, $1::integer)"
)
KEEP = Statement(f"{TABLE.insert.sql.decode()} ON CONFLICT (input_id, batch_key) DO NOTHING RETURNING id", takes=BINARY)
FIND = Statement("SELECT id FROM sessions_app_rawbatch WHERE input_id = $1 AND batch_key = $2")


def store(exchange: Exchange, group: Group, memory: Memory) -> None:
    """Give every raw batch of the group its id, keeping those that are new."""
    # In one order for all writers: two that hold the same two batches wait instead of locking each other out.
    raws = sorted(group.raws.values(), key=lambda raw: raw.place)
    if not raws:
        return
    for raw, new_id in zip(raws, take_ids(exchange, memory, len(raws)), strict=True):
        raw.id = new_id
    new = [rows.raw_row(raw) for raw in raws]
    if not group.is_cautious:
        TABLE.put(exchange, new)
    elif not exchange.attempt(lambda: TABLE.put(exchange, new)):
        for raw, row in zip(raws, new, strict=True):
            keep_or_find(exchange, raw, row)


def take_ids(exchange: Exchange, memory: Memory, count: int) -> list[int]:
    if len(memory.raw_ids) < count:
        more = exchange.now(MORE_IDS, count + IDS_AT_ONCE)
        memory.raw_ids.extend(integer(row[0]) for row in more.rows())
    return [memory.raw_ids.popleft() for _ in range(count)]


def keep_or_find(exchange: Exchange, raw: RawRow, row: bytes) -> None:
    if exchange.now(KEEP, *rows.values_of(row)).result.ntuples == 0:
        found = exchange.now(FIND, raw.received.source.id, raw.batch_key)
        # Deleted since: then the bytes are nowhere, and the number taken for them stands.
        raw.id = found.number() if found.result.ntuples else raw.id
