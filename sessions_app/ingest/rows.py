"""Rows for COPY in Postgres' binary format, built by hand: a fifth of the cost of `copy.write_row`.

The fixed columns stand first, so that one `struct` writes them all with their lengths; texts follow. A row's values can
be had back one by one, for an INSERT: a few rows go with other statements, and COPY needs exchanges of its own.
"""

import datetime as dt
import struct
import time
from collections.abc import Iterable

from sessions_app.ingest.exchange import BINARY, Exchange, Statement
from sessions_app.ingest.group import RawRow, SessionWork

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
EPOCH_DAY = dt.date(2000, 1, 1)
EPOCH_2000_MS = 946_684_800_000

EVENT_COLUMNS = (
    "session_day, session_id, event_key, seq, at_ms, batch_at_ms, index_in_batch, received_at_ms, raw_batch_id, "
    "content_hash, stored_at_ms, name, attributes, sent_attributes"
)
_EVENT = struct.Struct(">h ii iq i16s iq iq iq ii iq iq iq iq")
_EVENT_FIELDS = 14

RAW_COLUMNS = "id, input_id, batch_key, index_in_request, received_at, door, headers, body, source_request_id"
_RAW = struct.Struct(">h iq iq i16s ii iq")
_RAW_FIELDS = 9
_LENGTH = struct.Struct(">i")
_length = _LENGTH.pack


def text(value: str | None) -> bytes:
    if value is None:
        return NULL
    data = value.encode()
    return _length(len(data)) + data


def days_since_2000(day: dt.date) -> int:
    return (day - EPOCH_DAY).days


class Table:
    """Where rows are put."""

    # More rows than this are worth a COPY.
    MOST_INSERTED = 24

    def __init__(self, table: str, columns: str) -> None:
        self.copy = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
        marks = ", ".join(f"${number + 1}" for number in range(columns.count(",") + 1))
        self.insert = Statement(f"INSERT INTO {table} ({columns}) VALUES ({marks})", takes=BINARY)  # noqa: S608 our own names

    def put(self, exchange: Exchange, rows: list[bytes]) -> None:
        if len(rows) > self.MOST_INSERTED:
            exchange.copy(self.copy, b"".join((SIGNATURE, *rows, END)))
            return
        for row in rows:
            exchange.later(self.insert, *values_of(row))


def values_of(row: bytes) -> list[bytes | None]:
    """What COPY's row holds, value by value."""
    values: list[bytes | None] = []
    at = 2
    while at < len(row):
        (size,) = _LENGTH.unpack_from(row, at)
        at += 4
        values.append(None if size < 0 else row[at : at + size])
        at += max(size, 0)
    return values


def event_rows(works: Iterable[SessionWork]) -> list[bytes]:
    """The new events of these sessions, numbered on from each session's last."""
    rows = []
    pack = _EVENT.pack
    stored_at_ms = int(time.time() * 1000)
    for work in works:
        day, session_id, seq = days_since_2000(work.row.session_day), work.id, work.row.last_seq
        for (event, _, attributes, sent_attributes, content_hash), raw in work.incoming.values():
            seq += 1
            key, name, at_ms, batch_at_ms, index, received_at_ms = event[:6]
            rows.append(
                pack(
                    _EVENT_FIELDS, 4, day, 8, session_id, 16, bytes.fromhex(key), 8, seq, 8, at_ms, 8, batch_at_ms,
                    4, index, 8, received_at_ms, 8, raw.stored_id, 8, content_hash, 8, stored_at_ms,
                )
                + text(name) + _length(len(attributes)) + attributes
                + (NULL if sent_attributes is None else text(sent_attributes))
            )  # fmt: skip
    return rows


def raw_row(raw: RawRow) -> bytes:
    """A raw batch with its id."""
    received = raw.received
    micros = (received.received_at_ms - EPOCH_2000_MS) * 1000
    # The binary form of jsonb is its text behind a version byte.
    headers = b"\x01" + received.headers
    fixed = _RAW.pack(
        _RAW_FIELDS, 8, raw.id, 8, received.source.id, 16, bytes.fromhex(raw.batch_key), 4, raw.index_in_request,
        8, micros,
    )  # fmt: skip
    sized = (received.door.encode(), headers, raw.batch.raw)
    return b"".join(
        (fixed, *(part for value in sized for part in (_length(len(value)), value)), text(raw.batch.source_request_id))
    )
