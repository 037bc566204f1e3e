"""A live session as the board keeps it in memory: its ROW ready to send, and the few facts the figures need."""

from typing import Any

import msgspec

from sessions_app.live.frames import InputWords, row_json, state_of
from sessions_app.models.rules import rules_for
from sessions_app.timeline.session import LONGEST_ALLOWANCE_MS, silence_ms
from sessions_app.timeline.state import NOT_WATCHING, State
from sessions_app.timeline.summary import startup

MINUTE_MS = 60_000
# A viewer who has been stalled for longer than this has probably left.
STALLED_TOO_LONG_MS = 300_000
# A stall that goes on grows on every board at this pace, though nothing is reported.
STALL_TOLD_EVERY_MS = 5000
DROPPED_WORTH_A_LOOK = 100
LATE_WORTH_A_LOOK_MS = 10_000


class BoardRow:
    """One session. `changes_at_ms` is when time alone will change its state; None: never."""

    __slots__ = (
        "ad_completed_count",
        "ad_count",
        "attention",
        "changes_at_ms",
        "content_id",
        "content_show",
        "content_title",
        "content_type",
        "ended_before_start",
        "first_play_at_ms",
        "id",
        "input_id",
        "json",
        "last_at_ms",
        "live",
        "made_at_ms",
        "minutes",
        "mpid",
        "open_from_ms",
        "platform",
        "player_name",
        "rebuffer_ms",
        "stalls_on",
        "started_at_ms",
        "startup_ms",
        "state",
        "state_since_ms",
        "stream_type",
        "version",
        "watched_ms",
        "watches_on",
    )

    def __init__(self, row: Any, now_ms: int) -> None:
        state = state_of(row, now_ms, rules_for(row.error_names or ()))
        shown = row_json(row, state, InputWords(row.input_id, row.input_name, row.input_platform))
        self.json = msgspec.Raw(msgspec.json.encode(shown))
        self.id: int = row.id
        self.version: int = row.version
        self.mpid: str = row.mpid
        self.content_id, self.content_title = row.content_id or "", row.content_title or ""
        self.content_show: str | None = state.content_show
        self.content_type, self.stream_type = row.content_type or "", row.stream_type or ""
        self.platform, self.player_name, self.input_id = row.platform, row.player_name, str(row.input_id)
        self.live: bool = shown["live"]
        self.state: str = shown["state"]
        self.state_since_ms: int = shown["state_since_ms"]
        self.started_at_ms, self.last_at_ms = row.started_at_ms, row.last_at_ms
        self.first_play_at_ms, self.startup_ms = state.first_play_at_ms, startup(state)[0]
        self.watched_ms, self.rebuffer_ms = state.watched_ms, state.rebuffer_ms
        self.ad_count, self.ad_completed_count = state.ad_count, state.ad_completed_count
        self.ended_before_start = not self.live and not state.has_started and not state.error_count
        self.attention = attention(shown)
        self.changes_at_ms = changes_at(state) if self.live else None
        self.minutes, self.open_from_ms = minutes_of(state, row.started_at_ms)
        # Whether time alone adds to what was watched and to the stalls, since `made_at_ms`.
        self.made_at_ms = now_ms
        self.watches_on = self.live and self.open_from_ms is not None and self.first_play_at_ms is not None
        self.stalls_on = self.watches_on and state.is_rebuffer
        if self.stalls_on and self.changes_at_ms is not None:
            self.changes_at_ms = min(self.changes_at_ms, now_ms + STALL_TOLD_EVERY_MS)

    def is_watching(self, now_ms: int) -> bool:
        """Whether it counts among the viewers now."""
        if not self.live or self.state in NOT_WATCHING:
            return False
        stalled_ms = now_ms - self.state_since_ms if self.state == "buffering" else 0
        return stalled_ms < STALLED_TOO_LONG_MS

    def watched_by(self, now_ms: int) -> int:
        return int(self.watched_ms + self.watches_on * max(0, now_ms - self.made_at_ms))

    def rebuffered_by(self, now_ms: int) -> int:
        return int(self.rebuffer_ms + self.stalls_on * max(0, now_ms - self.made_at_ms))

    def is_due(self, now_ms: int) -> bool:
        return self.changes_at_ms is not None and now_ms >= self.changes_at_ms


def changes_at(state: State) -> int | None:
    """When silence will turn into no_signal, or no_signal into the end."""
    if state.state == "no_signal":
        return state.closes_at_ms
    allowance_ms = min(max(0, state.longest_delay_ms), LONGEST_ALLOWANCE_MS)
    lost_at_ms = state.last_at_ms + silence_ms(state) + allowance_ms
    return int(lost_at_ms if state.closes_at_ms is None else min(lost_at_ms, state.closes_at_ms))


def attention(shown: dict[str, Any]) -> int:
    """How much a session asks to be looked at: errors first, then stalls, then lost frames and late data."""
    health = shown["health"]
    score = 1000 * min(health["error_count"], 9) + 100 * (shown["state"] == "buffering")
    score += 20 * min(health["rebuffer_count"], 40) * (health["rebuffer_count"] > 1)
    score += 10 * (health["dropped_frames"] > DROPPED_WORTH_A_LOOK)
    return int(score + 10 * (health["late_ms"] > LATE_WORTH_A_LOOK_MS))


def minutes_of(state: State, started_at_ms: int) -> tuple[dict[int, list[int]], int | None]:
    """Watching and stalled milliseconds by wall-clock minute, and since when the open span adds to them.

    Before the ten minutes of the strip the session counts as watching: what it did then is no longer known here.
    """
    minutes: dict[int, list[int]] = {}
    strip = state.strip
    if strip and strip[0][1] > started_at_ms:
        spread(minutes, max(started_at_ms, strip[0][1] - 30 * MINUTE_MS), strip[0][1], stalled=False)
    for name, start_ms, end_ms in strip:
        if end_ms is not None and name not in NOT_WATCHING:
            spread(minutes, start_ms, end_ms, stalled=name == "buffering")
    is_open = bool(strip) and strip[-1][2] is None and strip[-1][0] not in NOT_WATCHING
    return minutes, strip[-1][1] if is_open else None


def spread(minutes: dict[int, list[int]], start_ms: int, end_ms: int, stalled: bool) -> None:
    """Add a span to the minutes it lies in."""
    while start_ms < end_ms:
        minute = start_ms // MINUTE_MS
        until_ms = min(end_ms, (minute + 1) * MINUTE_MS)
        sums = minutes.setdefault(minute, [0, 0])
        sums[0] += until_ms - start_ms
        sums[1] += (until_ms - start_ms) * stalled
        start_ms = until_ms
