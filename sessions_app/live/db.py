"""Postgres for the live path, without threads: a small pool of asynchronous connections for each event loop.

Queries answer rows whose columns are attributes. A connection that died (Postgres was restarted) is tried once
more on a fresh one; what fails then is the caller's to survive, usually by asking again at the next poll.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import namedtuple_row
from psycopg_pool import AsyncConnectionPool

POOL_SIZE = 4
# Long enough for a crowd of pages that come back at once.
WAIT_S = 5
# Shorter than the web's: nobody waits 15 s for a live frame. The TCP settings notice a silent network.
OPTIONS = "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=15000 -c default_transaction_read_only=on"
NETWORK = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 8000}
NOT_OURS = ("context", "cursor_factory", "options", "autocommit", "row_factory", "prepare_threshold")

_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, "AsyncConnectionPool[AsyncConnection[Any]]"] = WeakKeyDictionary()


async def fetch(query: str, parameters: Sequence[Any], *, prepare: bool = False) -> list[Any]:
    """All rows of one read-only query.

    `prepare`: keep its plan, for what is asked at every tick. Never for events: the plan would open every day's
    partition, and would be the one that suited an empty day.
    """
    pool = await _pool()
    try:
        return await _rows(pool, query, parameters, prepare)
    except OperationalError:
        await pool.check()
        return await _rows(pool, query, parameters, prepare)


async def close() -> None:
    """Close this loop's connections; the next query opens new ones."""
    pool = _pools.pop(asyncio.get_running_loop(), None)
    if pool is not None:
        await pool.close()


async def _rows(
    pool: "AsyncConnectionPool[AsyncConnection[Any]]", query: str, parameters: Sequence[Any], prepare: bool
) -> list[Any]:
    async with pool.connection() as connection:
        cursor = await connection.execute(query, parameters, prepare=prepare)
        return await cursor.fetchall()


async def _pool() -> "AsyncConnectionPool[AsyncConnection[Any]]":
    loop = asyncio.get_running_loop()
    pool = _pools.get(loop)
    if pool is None:
        pool = _pools[loop] = AsyncConnectionPool(
            kwargs=_parameters(), min_size=1, max_size=POOL_SIZE, timeout=WAIT_S, open=False, name="live"
        )
    if pool.closed:
        await pool.open()
    return pool


def _parameters() -> dict[str, Any]:
    """Django's own way to the database, in the tests too; only what concerns its threads is left out."""
    theirs = connections["default"].get_connection_params()
    ours = {name: value for name, value in theirs.items() if name not in NOT_OURS}
    return {**NETWORK, **ours, "options": OPTIONS, "autocommit": True, "row_factory": namedtuple_row}
