"""The live board of one workspace as it changes: what each group of equal pages is sent, at most once a second.

Changed sessions collect; a quarter of a second after the first they are read together, and every group of pages with
equal filters is sent one message: the rows that changed among those it shows, who ended, who no longer matches, and
the figures. The message is made once a group, however many pages it has.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import msgspec

from sessions_app.live import db, queries
from sessions_app.live.board import ENDED_ROWS, LIVE_ROWS, MOST_ENDED, MOST_ROWS, Board, fill, message
from sessions_app.live.figures import History
from sessions_app.live.filters import Filters
from sessions_app.live.rows import BoardRow
from sessions_app.live.watched import Frame, Watcher

COLLECT_S = 0.25
APART_S = 1.0
# Figures move with the clock too.
AT_LEAST_EVERY_S = 2.0
# Figures may take this part of the time.
FIGURES_SHARE = 0.1
# Rows made at once; other sockets are served between two of these.
CHUNK = 50
LIVE_VERSIONS = "SELECT id, version FROM sessions_app_mediasession WHERE workspace_id = %s AND live"

encode = msgspec.json.encode


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Group:
    """Pages with the same filters: they see the same rows and get the same messages."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.pages: set[Watcher] = set()
        self.history = History()
        # Rows the pages show, and whether they were live when last sent.
        self.shown: dict[int, bool] = {}
        self.seq = 0
        self.figures_next_at = 0.0
        self.whole: Frame | None = None

    def reset(self, board: Board, at_ms: int) -> Frame:
        """The whole board for one page; what the others show besides stays theirs. Made once a tick."""
        if self.whole is None:
            whole = message(board, self.filters, at_ms, self.seq, self.history)
            self.shown.update((row.id, True) for row in board.first(self.filters))
            self.whole = Frame(encode(whole).decode(), self.seq)
        return self.whole

    def moved_on(self, board: Board, changed: Iterable[BoardRow], erased: set[int], at_ms: int) -> Frame | None:
        """What is new for these pages; None when nothing is."""
        self.whole = None
        gone = [key for key in erased if self.shown.pop(key, None) is not None]
        upsert, ended = [], []
        for row in changed:
            was_live = self.shown.get(row.id)
            if not self.filters.lets_through(row) and not (was_live and not row.live):
                if self.shown.pop(row.id, None) is not None:
                    gone.append(row.id)
            elif row.live or was_live is not None:
                upsert.append(row.json)
                self.shown[row.id] = row.live
                if was_live and not row.live:
                    ended.append(row.id)
        gone += self._overfull()
        return self._message(board, upsert, ended, gone, at_ms)

    def _overfull(self) -> list[int]:
        """Beyond twice the limit the oldest go, those that have ended first."""
        excess = len(self.shown) - 2 * self.filters.limit
        if excess <= 0:
            return []
        oldest = sorted(self.shown, key=lambda key: (self.shown[key], key))[:excess]
        for key in oldest:
            del self.shown[key]
        return oldest

    def _message(
        self, board: Board, upsert: list[msgspec.Raw], ended: list[int], gone: list[int], at_ms: int
    ) -> Frame | None:
        numbers: dict[str, Any] = {"as_of_ms": at_ms}
        started = time.monotonic()
        if started >= self.figures_next_at:
            numbers = board.numbers(self.filters, at_ms, self.history)
            cost = time.monotonic() - started
            self.figures_next_at = started + max(APART_S, cost / FIGURES_SHARE)
        elif not (upsert or ended or gone):
            return None
        self.seq += 1
        ids = {"ended": [str(key) for key in ended], "gone": [str(key) for key in gone]}
        text = encode({"type": "board", "seq": self.seq, "reset": False, "upsert": upsert, **ids, **numbers})
        return Frame(text.decode(), self.seq)


class Feed:
    """The board of one workspace while somebody looks at it."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self.board = Board()
        self.groups: dict[Filters, Group] = {}
        self.changed: set[int] = set()
        self.something_changed = asyncio.Event()
        self.loaded = False
        self.loading = asyncio.Lock()
        self.unwatched_since = time.monotonic()

    async def join(self, filters: Filters) -> Group:
        """The group of pages with these filters, with the board loaded."""
        async with self.loading:
            if not self.loaded:
                await self._load()
                self.loaded = True
        return self.groups.setdefault(filters, Group(filters))

    def leave(self, group: Group, page: Watcher) -> None:
        group.pages.discard(page)
        if not group.pages and self.groups.get(group.filters) is group:
            del self.groups[group.filters]
            self.unwatched_since = time.monotonic()

    def hear(self, session_ids: Iterable[int]) -> None:
        self.changed.update(session_ids)
        self.something_changed.set()

    async def run(self) -> None:
        """Collect, read, tell; for ever."""
        while True:
            try:
                async with asyncio.timeout(AT_LEAST_EVERY_S):
                    await self.something_changed.wait()
                await asyncio.sleep(COLLECT_S)
            except TimeoutError:
                pass
            await self.tell()
            await asyncio.sleep(APART_S - COLLECT_S)

    async def tell(self) -> None:
        if not self.loaded:
            return
        self.something_changed.clear()
        asked, self.changed = self.changed | set(self.board.due(now_ms())), set()
        try:
            rows = await self._read(asked)
        except BaseException:
            self.changed |= asked
            raise
        changed = await self._make(rows)
        erased = asked - {row.id for row in rows}
        for key in erased:
            self.board.rows.pop(key, None)
        at_ms = now_ms()
        self.board.prune(at_ms)
        for group in list(self.groups.values()):
            frame = group.moved_on(self.board, changed, erased, at_ms)
            for page in list(group.pages) if frame else ():
                page.offer(frame)  # type: ignore[arg-type]
            await asyncio.sleep(0)

    async def look(self) -> None:
        """Find what no hint announced."""
        if not self.loaded:
            return
        stored = {row.id: row.version for row in await db.fetch(LIVE_VERSIONS, [self.workspace_id])}
        known = {row.id: row.version for row in self.board.rows.values() if row.live}
        self.hear(key for key in stored.keys() | known.keys() if stored.get(key) != known.get(key))

    async def _read(self, asked: set[int]) -> list[Any]:
        rows = await queries.sessions(list(asked)) if asked else []
        return [row for row in rows if row.workspace_id == self.workspace_id]

    async def _make(self, rows: list[Any]) -> list[BoardRow]:
        made = []
        for start in range(0, len(rows), CHUNK):
            at_ms = now_ms()
            made += [self.board.put(row, at_ms) for row in rows[start : start + CHUNK]]
            await asyncio.sleep(0)
        return made

    async def _load(self) -> None:
        for query, most in ((ENDED_ROWS, MOST_ENDED), (LIVE_ROWS, MOST_ROWS)):
            rows = await db.fetch(query, [self.workspace_id, most])
            for start in range(0, len(rows), CHUNK):
                fill(self.board, rows[start : start + CHUNK], now_ms())
                await asyncio.sleep(0)
        self.board.prune(now_ms())
