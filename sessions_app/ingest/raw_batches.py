"""Keeps the bytes as received: COPY when all are new, one by one when some were kept before."""

from psycopg import Connection, errors

from sessions_app.ingest import rows
from sessions_app.ingest.group import Group, RawRow
from sessions_app.ingest.memory import Memory

COPY = f"COPY sessions_app_rawbatch ({rows.RAW_COLUMNS}) FROM STDIN (FORMAT BINARY)"
IDS_AT_ONCE = 512
MORE_IDS = "SELECT nextval(pg_get_serial_sequence('sessions_app_rawbatch', 'id')) FROM generate_series(1, %s)"
INSERT = """
INSERT INTO sessions_app_rawbatch
    (id, input_id, batch_key, index_in_request, received_at, door, headers, body, source_request_id)
VALUES (%s, %s, %s::uuid, %s, 'epoch'::timestamptz + %s * interval '1 ms', %s, %s::jsonb, %b, %s)
ON CONFLICT (input_id, batch_key) DO NOTHING
"""
FIND = "SELECT id FROM sessions_app_rawbatch WHERE input_id = %s AND batch_key = %s::uuid"


def store(conn: Connection, group: Group, memory: Memory) -> None:
    """Give every raw batch of the group its id, keeping those that are new."""
    # In one order for all writers: two that hold the same two batches wait instead of locking each other out.
    raws = sorted(group.raws.values(), key=lambda raw: raw.place)
    if not raws:
        return
    for raw, new_id in zip(raws, take_ids(conn, memory, len(raws)), strict=True):
        raw.id = new_id
    if not group.is_cautious:
        copy(conn, raws)
        return
    try:
        with conn.transaction():
            copy(conn, raws)
    except errors.UniqueViolation:
        for raw in raws:
            keep_or_find(conn, raw)


def copy(conn: Connection, raws: list[RawRow]) -> None:
    with conn.cursor() as cursor, cursor.copy(COPY) as copying:
        copying.write(rows.raw_rows(raws))


def take_ids(conn: Connection, memory: Memory, count: int) -> list[int]:
    if len(memory.raw_ids) < count:
        memory.raw_ids.extend(number for (number,) in conn.execute(MORE_IDS, [count + IDS_AT_ONCE]))
    return [memory.raw_ids.popleft() for _ in range(count)]


def keep_or_find(conn: Connection, raw: RawRow) -> None:
    received = raw.received
    values = [
        raw.id, received.source.id, raw.batch_key, raw.index_in_request, received.received_at_ms, received.door,
        received.headers.decode(), raw.batch.raw, raw.batch.source_request_id,
    ]  # fmt: skip
    if conn.execute(INSERT, values).rowcount == 0:
        found = conn.execute(FIND, [received.source.id, raw.batch_key]).fetchone()
        raw.id = found[0] if found else raw.id
