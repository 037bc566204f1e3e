"""What a file would be before it is made: rows, size, time, and why it cannot be made."""

import shutil
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from sessions_app.exports.files import MOST_XLSX_ROWS
from sessions_app.exports.query import Wanted, count, select

# Beyond this many rows counting takes longer than anybody waits for a hint.
COUNTED = 1_000_000
SAMPLE = 200
# Rows a second and bytes a row against plain CSV, measured on two cores.
PACE = {"csv": 200_000, "jsonl": 120_000, "xlsx": 8_000}
WEIGHT = {"csv": 1.0, "jsonl": 3.0, "xlsx": 0.7}
FREE_DISK_BYTES = 64 * 1024 * 1024


def estimate(asked: Wanted, form: str) -> dict[str, Any]:
    """`error` is the share by which `rows` may be off; `blocked` says why there will be no file, or None."""
    rows, error = _rows(asked)
    size = int(rows * _row_bytes(asked) * WEIGHT[form])
    return {
        "rows": rows,
        "error": error,
        "bytes": size,
        "seconds": round(rows / PACE[form]) + 1,
        "blocked": blocked(asked, form, rows, size),
    }


def blocked(asked: Wanted, form: str, rows: int, size: int) -> str | None:
    if asked.options.is_backwards:
        return "The period must end after it begins."
    if form == "xlsx" and rows > MOST_XLSX_ROWS:
        return f"{rows:,} rows, and a spreadsheet holds {MOST_XLSX_ROWS:,}. Shorten the period, or choose CSV."
    settings.EXPORT_FOLDER.mkdir(parents=True, exist_ok=True)
    if size > shutil.disk_usage(settings.EXPORT_FOLDER).free - FREE_DISK_BYTES:
        return "There is not enough free disk for this file. Shorten the period, or ask ops to free some."
    return None


def _rows(asked: Wanted) -> tuple[int, float]:
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL statement_timeout = '2s'")
                cursor.execute(_text(count(asked, COUNTED)))
                counted = int(cursor.fetchone()[0])
            if counted < COUNTED:
                return counted, 0.0
        except DatabaseError:
            counted = 0
        cursor.execute("EXPLAIN (FORMAT json) " + _text(select(asked)))
        plan = cursor.fetchone()[0][0]["Plan"]
        return max(counted, int(plan["Plan Rows"])), 0.5


def _row_bytes(asked: Wanted) -> float:
    sample = _text(select(asked, limit=SAMPLE))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '2s'")
            cursor.execute(f"SELECT avg(length(sampled::text)) FROM ({sample}) sampled")  # noqa: S608
            return float(cursor.fetchone()[0] or 0)
    except DatabaseError:
        return 20.0 * len(asked.columns)


def _text(query: Any) -> str:
    return str(query.as_string(None))
