"""Writes one file: CSV and JSONL straight from Postgres' COPY, XLSX row by row in constant memory.

Each writer takes a connection of its own, because the COPY holds it to the end, and tells `progress` how many rows
are written; whatever `progress` raises stops the writing.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import xlsxwriter
from django.db import connections
from psycopg.sql import SQL, Composed

from sessions_app.exports.columns import FLAG, NUMBER, Column
from sessions_app.exports.query import Wanted, select

Progress = Callable[[int], None]

MOST_XLSX_ROWS = 1_048_575
LONGEST_CELL = 32_767
TOLD_EVERY = 5_000
STATEMENT_TIMEOUT = "SET statement_timeout = '280s'"
# JSON holds no raw control characters: as quote and delimiter they leave every line as it is.
AS_LINES = "(FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"


def write(path: Path, form: str, asked: Wanted, progress: Progress) -> int:
    """Write the file and return its number of rows."""
    writer = {"csv": write_csv, "jsonl": write_jsonl, "xlsx": write_xlsx}[form]
    return writer(path, asked, progress)


def write_csv(path: Path, asked: Wanted, progress: Progress) -> int:
    query = select(asked, escape=True)
    # Excel reads UTF-8 only behind a byte order mark; every CSV library skips it (utf-8-sig).
    return _copied(path, copy_csv(query), progress, head=b"\xef\xbb\xbf", skipped=1)


def write_jsonl(path: Path, asked: Wanted, progress: Progress) -> int:
    query = select(asked)
    lines = SQL("COPY (SELECT row_to_json(line) FROM ({}) line) TO STDOUT ").format(query) + SQL(AS_LINES)
    return _copied(path, lines, progress)


def write_xlsx(path: Path, asked: Wanted, progress: Progress) -> int:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(asked.dataset.name)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [column.name for column in asked.columns], book.add_format({"bold": True}))
    rows = 0
    query = select(asked, limit=MOST_XLSX_ROWS)
    try:
        for rows, row in enumerate(_fetched(query), 1):
            for place, (column, value) in enumerate(zip(asked.columns, row, strict=True)):
                _write_cell(sheet, rows, place, column, value)
            if rows % TOLD_EVERY == 0:
                progress(rows)
    finally:
        book.close()
    return rows


def copy_csv(query: Composed) -> Composed:
    return SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query)


@contextmanager
def own_connection() -> Iterator["psycopg.Connection[Any]"]:
    """A connection beside Django's: read only, with time enough for a file."""
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory", None)
    with psycopg.connect(**{**parameters, "autocommit": True}) as connection:
        connection.execute("SET default_transaction_read_only = on")
        connection.execute(STATEMENT_TIMEOUT)
        yield connection


def _copied(path: Path, statement: Composed, progress: Progress, head: bytes = b"", skipped: int = 0) -> int:
    """Postgres sends one message a row: counting messages counts rows, whatever line ends stand inside them."""
    messages = 0
    with path.open("wb") as file, own_connection() as connection, connection.cursor() as cursor:
        file.write(head)
        with cursor.copy(statement) as copy:
            for block in copy:
                file.write(block)
                messages += 1
                if messages % TOLD_EVERY == 0:
                    progress(messages - skipped)
    return max(0, messages - skipped)


def _fetched(query: Composed) -> Iterator[tuple[Any, ...]]:
    with own_connection() as connection, connection.transaction(), connection.cursor(name="export") as cursor:
        cursor.itersize = TOLD_EVERY
        cursor.execute(query)
        yield from cursor


def _write_cell(sheet: Any, row: int, place: int, column: Column, value: Any) -> None:
    if value is None:
        return
    if column.kind == FLAG:
        sheet.write_boolean(row, place, value)
    elif column.kind == NUMBER and isinstance(value, int | float | Decimal):
        sheet.write_number(row, place, value)
    else:
        words = value.isoformat() if isinstance(value, dt.datetime) else str(value)
        sheet.write_string(row, place, words[:LONGEST_CELL])
