"""One session somebody watches, kept in memory: its row, its timeline, its last events, and who watches.

Everything a page is sent is made here once and shared by all who watch: frames as the session moves on, and the
answer to somebody who was away (`hello`). Nothing here waits or asks the database; the hub brings the rows.
"""

import struct
import time
from collections import deque
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import msgspec

from sessions_app.live.frames import InputWords, event_of, offsets_in, session_json, shown_event, state_of
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import current
from sessions_app.timeline.spans import TimelineBuilder

# Who missed more than this many events gets a snapshot with the last ones instead of every one of them.
MOST_REPLAYED = 1000

encode = msgspec.json.encode


class Frame:
    """A message to browsers, ready to send; `seq` is what they acknowledge."""

    def __init__(self, text: str, seq: int) -> None:
        self.text = text
        self.seq = seq

    @cached_property
    def wire(self) -> bytes:
        """As a whole websocket text frame from a server (RFC 6455, 5.2), the same for everybody: made once for all."""
        payload = self.text.encode()
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x81, size)
        elif size < 65_536:
            head = struct.pack("!BBH", 0x81, 126, size)
        else:
            head = struct.pack("!BBQ", 0x81, 127, size)
        return head + payload


class Watcher(Protocol):
    """What the hub needs of a socket. None of it waits."""

    def offer(self, frame: Frame) -> None: ...

    def end(self, code: int) -> None: ...


class Change(NamedTuple):
    """Up to this `seq`, the timeline changed from this moment on; None when it did not change."""

    seq: int
    from_ms: int | None


class Watched:
    """A session in memory. `version` and `last_seq` are those of the row last taken in."""

    def __init__(self, row: Any, rules: Rules, viewer_ref: str | None) -> None:
        self.row = row
        self.state = state_of(row)
        self.rules = rules
        self.viewer_ref = viewer_ref
        self.source = InputWords(row.input_id, row.input_name, row.input_platform)
        self.builder = TimelineBuilder(rules)
        self.version = 0
        self.last_seq = 0
        # The last events as JSON, the newest at the right; `recent_from` is the seq before the first of them.
        self.recent: deque[msgspec.Raw] = deque(maxlen=MOST_REPLAYED)
        self.changes: deque[Change] = deque(maxlen=MOST_REPLAYED)
        self.watchers: set[Watcher] = set()
        self.next_frame_at = 0.0
        self.unwatched_since = time.monotonic()

    def take(self, row: Any) -> None:
        """The row as it is stored now; its events follow by `add`."""
        self.row, self.version = row, row.version
        self.state = state_of(row)

    def add(self, rows: Sequence[Any], shown_after: int = 0) -> tuple[list[msgspec.Raw], int | None]:
        """Take in stored events that follow the known ones; their JSON, and from when on the timeline changed.

        `shown_after`: up to this seq nobody will be sent them, and no JSON is made: most of a long history's cost.
        """
        if not rows:
            return [], None
        events = [event_of(row) for row in rows]
        from_ms = self.builder.add(events)
        offsets = offsets_in(self.state)
        shown = [
            msgspec.Raw(encode(shown_event(event, self.rules, offsets))) for event in events if event.seq > shown_after
        ]
        self.recent.extend(shown)
        self.last_seq = rows[-1].seq
        self.changes.append(Change(self.last_seq, from_ms))
        return shown, from_ms

    def moved_on(self, row: Any, rows: Sequence[Any], now_ms: int) -> Frame:
        """The frame that takes everybody from the version before to this row's."""
        since = self.version
        self.take(row)
        shown, from_ms = self.add(rows)
        if not shown:
            # Closed or reopened without an event: the end of the timeline is drawn anew.
            from_ms = row.last_at_ms
        message = {
            "type": "frame",
            "since": since,
            "version": self.version,
            "seq": self.last_seq,
            "session": self.session(now_ms),
            "events": shown,
            "timeline": None if from_ms is None else self.builder.to_json(now_ms, from_ms),
            "received_at_ms": max((event.received_at_ms for event in rows), default=None),
            "sent_at_ms": now_ms,
        }
        return Frame(encode(message).decode(), self.last_seq)

    def hello(self, after: int | None, now_ms: int) -> Frame:
        """What somebody needs who has read up to `after`; None: who has nothing yet."""
        outcome, events, timeline = self._missed(after, now_ms)
        message = {
            "type": "hello",
            "outcome": outcome,
            "since": after,
            "version": self.version,
            "seq": self.last_seq,
            "session": self.session(now_ms),
            "timeline": timeline,
            "events": events,
            "server_at_ms": now_ms,
        }
        return Frame(encode(message).decode(), self.last_seq)

    def _missed(self, after: int | None, now_ms: int) -> tuple[str, list[msgspec.Raw], Any]:
        if after == self.last_seq:
            # It may have been closed meanwhile, which is no event.
            return "nothing_missed", [], None if self.row.live else self.builder.to_json(now_ms, self.row.last_at_ms)
        recent_from = self.last_seq - len(self.recent)
        if after is None or after > self.last_seq or after < recent_from:
            return "reset", list(self.recent), self.builder.to_json(now_ms)
        events = list(self.recent)[after - recent_from :]
        return "replayed", events, self.builder.to_json(now_ms, self._changed_since(after))

    def _changed_since(self, after: int) -> int | None:
        """From which moment the timeline differs from what it was at `after`; None: all of it may."""
        moments = [change.from_ms for change in self.changes if change.seq > after and change.from_ms is not None]
        is_known = self.changes and self.changes[0].seq <= after
        return min(moments, default=None) if is_known else None

    def session(self, now_ms: int) -> dict[str, Any]:
        """SESSION as of now."""
        state = current(self.state, now_ms, self.rules)
        return session_json(self.row, state, self.source, self.viewer_ref)
