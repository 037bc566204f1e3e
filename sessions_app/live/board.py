"""The live board of one workspace, in memory: its rows, and what a page with certain filters is shown of them.

Rows are the live sessions and those that were live in the last thirty minutes. At most MOST_ROWS are kept, the
newest; `capped` says when that happened. `snapshot` makes the same message for REST and for the page's first drawing
as the socket sends first (feed.py keeps it current).
"""

import json
import time
from collections.abc import Iterable
from threading import Lock
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from sessions_app.live import figures
from sessions_app.live.figures import WINDOW_MS, History
from sessions_app.live.filters import NAMES, ORDERS, Filters
from sessions_app.live.queries import ROW
from sessions_app.live.rows import BoardRow

MOST_ROWS = 10_000
# Sessions that have ended are looked for among this many newest.
MOST_ENDED = 5_000
# Board snapshots are answered from memory for this long.
SNAPSHOT_FOR_S = 1.0

LIVE_ROWS = ROW + "WHERE session.workspace_id = %s AND session.live ORDER BY session.id DESC LIMIT %s"
ENDED_ROWS = f"""{ROW} WHERE session.id = ANY(ARRAY(
    SELECT id FROM sessions_app_mediasession WHERE workspace_id = %s ORDER BY id DESC LIMIT %s))
AND NOT session.live AND session.last_received_at > now() - interval '30 minutes'
"""  # noqa: S608 - put together from constants


class Board:
    """The rows of one workspace."""

    def __init__(self) -> None:
        self.rows: dict[int, BoardRow] = {}
        self.capped = False

    def put(self, row: Any, now_ms: int) -> BoardRow:
        made = self.rows[row.id] = BoardRow(row, now_ms)
        return made

    def prune(self, now_ms: int) -> None:
        """Forget what ended long ago, and beyond the cap the oldest."""
        for row in [row for row in self.rows.values() if not row.live and row.last_at_ms < now_ms - WINDOW_MS]:
            del self.rows[row.id]
        self.capped = len(self.rows) > MOST_ROWS
        if self.capped:
            for key in sorted(self.rows)[: len(self.rows) - MOST_ROWS]:
                del self.rows[key]

    def due(self, now_ms: int) -> list[int]:
        """Sessions whose state time alone has changed."""
        return [row.id for row in self.rows.values() if row.is_due(now_ms)]

    def first(self, filters: Filters) -> list[BoardRow]:
        """The live rows a page begins with, in the order asked for."""
        rows = [row for row in self.rows.values() if row.live and filters.lets_through(row)]
        rows.sort(key=ORDERS[filters.sort])
        return rows[: filters.limit]

    def numbers(self, filters: Filters, now_ms: int, history: History | None = None) -> dict[str, Any]:
        """Everything of the message but the rows."""
        rows = [row for row in self.rows.values() if filters.matches_but_state(row)]
        matched = sum(row.live and filters.lets_through(row) for row in rows)
        any_content = filters.of_any_content()
        of_titles = rows
        if filters.content:
            of_titles = [row for row in self.rows.values() if any_content.matches_but_state(row)]
        return {
            "as_of_ms": now_ms,
            "figures": figures.figures(rows, now_ms, history),
            "by_state": figures.by_state(rows),
            "titles": figures.titles(of_titles, now_ms),
            "total": sum(row.live for row in self.rows.values()),
            "matched": matched,
            "tightest": None if matched else self.tightest(filters),
            "capped": self.capped,
        }

    def tightest(self, filters: Filters) -> dict[str, Any] | None:
        """Which single filter excludes most, and how many would match without it; None when none does."""
        live = [row for row in self.rows.values() if row.live]
        set_ones = [name for name in NAMES if getattr(filters, name)]
        left = {name: sum(map(filters.without(name).lets_through, live)) for name in set_ones}
        name = max(left, key=lambda one: left[one], default=None)
        return None if name is None else {"name": name, "matched": left[name]}

    def choices(self) -> dict[str, list[str]]:
        """What the live sessions' own values offer as filters."""
        live = [row for row in self.rows.values() if row.live]
        names = {"platform": "platform", "player": "player_name", "content_type": "content_type", "state": "state"}
        return {name: sorted({getattr(row, column) for row in live} - {""}) for name, column in names.items()}


def message(
    board: Board, filters: Filters, now_ms: int, seq: int = 0, history: History | None = None
) -> dict[str, Any]:
    """The whole board as one message."""
    return {
        "type": "board",
        "seq": seq,
        "reset": True,
        "upsert": [row.json for row in board.first(filters)],
        "ended": [],
        "gone": [],
        **board.numbers(filters, now_ms, history),
    }


class Kept(NamedTuple):
    """A board made for a request, and when."""

    board: Board
    at: float


_kept: dict[int, Kept] = {}
_keeping = Lock()


def snapshot(workspace_id: int, filters: Filters) -> dict[str, Any]:
    """The board now, for code without an event loop."""
    now_ms = time.time_ns() // 1_000_000
    whole = message(board_of(workspace_id, now_ms), filters, now_ms)
    return {**whole, "upsert": [msgspec.json.decode(row) for row in whole["upsert"]]}


def board_of(workspace_id: int, now_ms: int) -> Board:
    """The workspace's board as it is stored, at most a second old."""
    with _keeping:
        kept = _kept.get(workspace_id)
        if kept is None or time.monotonic() - kept.at > SNAPSHOT_FOR_S:
            kept = Kept(_load(workspace_id, now_ms), time.monotonic())
            if len(_kept) > 20:
                _kept.clear()
            _kept[workspace_id] = kept
        return kept.board


def _load(workspace_id: int, now_ms: int) -> Board:
    board = Board()
    with connection.cursor() as cursor:
        for query, most in ((ENDED_ROWS, MOST_ENDED), (LIVE_ROWS, MOST_ROWS)):
            cursor.execute(query, [workspace_id, most])
            fill(board, _with_names(cursor), now_ms)
    board.prune(now_ms)
    return board


def fill(board: Board, rows: Iterable[Any], now_ms: int) -> None:
    for row in rows:
        board.put(row, now_ms)


def _with_names(cursor: Any) -> list[Any]:
    """Rows with their columns as attributes, and JSON as values: Django leaves it as text."""
    names = [column.name for column in cursor.description]
    rows = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    for row in rows:
        row.error_names = json.loads(row.error_names)
    return rows
