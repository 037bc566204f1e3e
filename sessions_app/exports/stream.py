"""A CSV that begins at once: Postgres' COPY through an asynchronous connection, a piece at a time.

Under ASGI Django would read a synchronous iterator to its end before the first byte goes out; this one holds a
few kilobytes however long the file is.
"""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
from django.db import connections

from sessions_app.exports.files import copy_csv
from sessions_app.exports.query import Wanted, select

PIECE_BYTES = 64 * 1024
# An answer's end is not a place to report that rows were left out: beyond this, ask for a file.
MOST_ROWS = 1_000_000
NOT_OURS = ("cursor_factory", "context", "prepare_threshold", "options", "autocommit")
LIMITS = "-c statement_timeout=60000 -c default_transaction_read_only=on"


async def csv(asked: Wanted) -> AsyncIterator[bytes]:
    """The file in pieces, header first; text that looks like a formula is escaped."""
    statement = copy_csv(select(asked, escape=True, limit=MOST_ROWS))
    connection = await psycopg.AsyncConnection.connect(**_parameters())
    async with connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        piece = bytearray()
        async for block in copy:
            piece += block
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)


def _parameters() -> dict[str, Any]:
    theirs = connections["default"].get_connection_params()
    ours = {name: value for name, value in theirs.items() if name not in NOT_OURS}
    return {**ours, "options": LIMITS, "autocommit": True}
