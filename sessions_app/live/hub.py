"""The hub: one per process and event loop. It hears that sessions changed, asks Postgres once, and tells everybody.

Hints come from this process directly and from others through the Channels layer; a hint only says "session 7 has
reached version 163". What a browser is sent comes from Postgres. Every two seconds the hub looks for itself, so a
lost hint or a dead layer costs two seconds, never an event. Read next: watched.py (what is sent), sockets.py (to whom).
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer

from sessions_app.live import publish, queries
from sessions_app.live.feed import Feed, now_ms
from sessions_app.live.watched import MOST_REPLAYED, Watched, Watcher
from sessions_app.models.rules import rules_for

POLL_EVERY_S = 2.0
LAYER_TIMEOUT_S = 2.0
RETRY_S = 0.5
# A session stays in memory this long after the last page closed: pages are reloaded.
KEEP_UNWATCHED_S = 20.0
# Frames of one session are at least this far apart, and further the more sockets each one goes to.
SHORTEST_GAP_S = 0.004
GAP_PER_WATCHER_S = 0.00005
LONGEST_GAP_S = 0.1
CLOSE_GONE = 4404
# How long somebody who has read further than this process knows waits for it to catch up.
AHEAD_S = 1.0
# Events taken in at once while a long history is loaded; other sockets are served between two of these.
CHUNK = 500

log = structlog.get_logger(__name__)


class Hub:
    """Sessions watched in this process, and those of them that are behind."""

    def __init__(self) -> None:
        self.sessions: dict[int, Watched] = {}
        self.loading: dict[int, asyncio.Task[Watched | None]] = {}
        self.behind: set[int] = set()
        self.feeds: dict[int, Feed] = {}
        self.feed_tasks: dict[int, asyncio.Task[None]] = {}
        self.wake = asyncio.Event()
        self.look_now = asyncio.Event()
        self.subscribed = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    # --- watching -------------------------------------------------------------------------------------------

    async def watched(self, session_id: int, seq: int | None = None) -> Watched | None:
        """The session in memory, loaded when nobody watched it yet; None when there is no such session.

        `seq`: how far somebody has read already, perhaps from another process that heard of it sooner.
        """
        self.start()
        watched = self.sessions.get(session_id) or await self._loaded(session_id)
        if watched is not None and seq is not None:
            await self._reach(watched, seq)
        return watched

    async def _reach(self, watched: Watched, seq: int) -> None:
        """Ask Postgres before somebody is answered who is ahead of this process; a number made up waits in vain."""
        until = time.monotonic() + AHEAD_S
        while watched.last_seq < seq and time.monotonic() < until:
            self.mark([watched.row.id])
            await asyncio.sleep(AHEAD_S / 50)

    async def _loaded(self, session_id: int) -> Watched | None:
        task = self.loading.get(session_id)
        if task is None:
            task = self.loading[session_id] = asyncio.create_task(self._load(session_id))
            task.add_done_callback(lambda _: self.loading.pop(session_id, None))
        # One page that closes while loading must not take the load away from the others.
        return await asyncio.shield(task)

    async def _load(self, session_id: int) -> Watched | None:
        rows = await queries.sessions([session_id])
        if not rows:
            return None
        watched = Watched(rows[0], rules_for(rows[0].error_names or ()), await queries.viewer_ref(session_id))
        history = (await queries.events_after([(rows[0], 0)])).get(session_id, [])
        for start in range(0, len(history), CHUNK):
            watched.add(history[start : start + CHUNK], shown_after=rows[0].last_seq - MOST_REPLAYED)
            await asyncio.sleep(0)
        watched.take(rows[0])
        self.sessions[session_id] = watched
        # What was committed while the history was read.
        self.mark([session_id])
        return watched

    def leave(self, watched: Watched, watcher: Watcher) -> None:
        watched.watchers.discard(watcher)
        watched.unwatched_since = time.monotonic()

    def feed(self, workspace_id: int) -> Feed:
        """The workspace's board, kept current from now on until `_drop_unwatched`."""
        self.start()
        feed = self.feeds.get(workspace_id)
        if feed is None:
            feed = self.feeds[workspace_id] = Feed(workspace_id)
            self.feed_tasks[workspace_id] = asyncio.create_task(keep_running("board", feed.run))
        feed.unwatched_since = time.monotonic()
        return feed

    # --- hearing --------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self.tasks:
            return
        publish.announcer().listeners.add(self.hear)
        runs = {"listen": self._listen, "pump": self._pump, "poll": self._poll}
        self.tasks = [asyncio.create_task(keep_running(name, run)) for name, run in runs.items()]

    async def stop(self) -> None:
        """For tests and for the end: nothing runs on, nothing is kept."""
        publish.announcer().listeners.discard(self.hear)
        tasks = [*self.tasks, *self.feed_tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for kept in (self.tasks, self.feed_tasks, self.feeds, self.sessions):
            kept.clear()

    def hear(self, changes: Iterable[publish.Change] | None) -> None:
        """These sessions have reached these versions; None: something was lost, look for yourself."""
        if changes is None:
            self.look_now.set()
            return
        for workspace_id, session_id, version in changes:
            if workspace_id in self.feeds:
                self.feeds[workspace_id].hear([session_id])
            watched = self.sessions.get(session_id)
            if watched is not None and version > watched.version:
                self.mark([session_id])

    def mark(self, session_ids: Iterable[int]) -> None:
        self.behind.update(session_ids)
        self.wake.set()

    async def _listen(self) -> None:
        """Take hints off the layer for ever. After a loss of Valkey its client subscribes again by itself."""
        layer = get_channel_layer()
        channel = await asyncio.wait_for(layer.new_channel("live."), LAYER_TIMEOUT_S)
        await asyncio.wait_for(layer.group_add(publish.GROUP, channel), LAYER_TIMEOUT_S)
        self.subscribed.set()
        while True:
            self.hear((await layer.receive(channel))["changes"])

    # --- telling --------------------------------------------------------------------------------------------

    async def _pump(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            now = time.monotonic()
            due = {key for key in self.behind if key in self.sessions and self.sessions[key].next_frame_at <= now}
            later = self.behind - due
            self.behind = {key for key in later if key in self.sessions}
            try:
                await self._tell(due)
            except BaseException:
                self.behind |= due
                raise
            if self.behind:
                first = min(self.sessions[key].next_frame_at for key in self.behind if key in self.sessions)
                asyncio.get_running_loop().call_later(max(0.0, first - time.monotonic()), self.wake.set)

    async def _tell(self, due: set[int]) -> None:
        if not due:
            return
        rows = {row.id: row for row in await queries.sessions(list(due))}
        for session_id in due - rows.keys():
            self._forget(session_id)
        moved = [
            (row, self.sessions[key].last_seq) for key, row in rows.items() if row.version > self.sessions[key].version
        ]
        events = await queries.events_after(moved)
        for row, _ in moved:
            self._send(self.sessions[row.id], row, events.get(row.id, []))

    def _send(self, watched: Watched, row: Any, events: list[Any]) -> None:
        frame = watched.moved_on(row, events, now_ms())
        for watcher in list(watched.watchers):
            watcher.offer(frame)
        gap = SHORTEST_GAP_S + GAP_PER_WATCHER_S * len(watched.watchers)
        watched.next_frame_at = time.monotonic() + min(gap, LONGEST_GAP_S)

    def _forget(self, session_id: int) -> None:
        """The session was erased: whoever watches is told."""
        for watcher in list(self.sessions.pop(session_id).watchers):
            watcher.end(CLOSE_GONE)

    async def _poll(self) -> None:
        while True:
            await self._until_poll()
            self._drop_unwatched()
            if self.sessions:
                stored = await queries.versions(list(self.sessions))
                known = {key: watched.version for key, watched in self.sessions.items()}
                self.mark(key for key, version in known.items() if stored.get(key, -1) != version)
            for feed in list(self.feeds.values()):
                await feed.look()

    async def _until_poll(self) -> None:
        self.look_now.clear()
        try:
            async with asyncio.timeout(POLL_EVERY_S):
                await self.look_now.wait()
        except TimeoutError:
            pass

    def _drop_unwatched(self) -> None:
        before = time.monotonic() - KEEP_UNWATCHED_S
        for workspace_id, feed in list(self.feeds.items()):
            if not feed.groups and feed.unwatched_since < before:
                del self.feeds[workspace_id]
                self.feed_tasks.pop(workspace_id).cancel()
        for key, watched in list(self.sessions.items()):
            if not watched.watchers and watched.unwatched_since < before:
                del self.sessions[key]


async def keep_running(name: str, run: Any) -> None:
    """Run for ever; what fails is logged and begun again."""
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - a dead hub would be silence on every page
            log.warning("live_task_failed", task=name, error=repr(error))
            await asyncio.sleep(RETRY_S)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The running loop's own."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
