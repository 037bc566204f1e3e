"""The whole timeline of a session: its lanes, as drawn and as counted.

`build` folds all events; `TimelineBuilder` keeps a folded timeline current as events come, and says from when on it
changed. Both run the steps of `session.py` with an observer that writes down what the live state forgets, so the
two cannot disagree. `as_of` and `known_at` choose the events for a look back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sessions_app.timeline.clocks import (
    NO_OFFSETS,
    Offsets,
    corrected,
    first_copy,
    in_order,
    is_impossible,
    offsets_of,
    place,
)
from sessions_app.timeline.endings import close_if_due
from sessions_app.timeline.events import Event
from sessions_app.timeline.lanes import Item, Lanes, since
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import begun, carry_on, fold
from sessions_app.timeline.state import State

__all__ = ["Timeline", "TimelineBuilder", "as_of", "build", "known_at"]

SPANS = ("ad_break", "ad", "segment", "seek")
MOMENTS = ("qos", "errors", "custom")


@dataclass(frozen=True)
class Timeline:
    """A session as of `now_ms`: its events in order, its lanes, and the state with what is open carried on to now."""

    events: list[Event]
    lanes: dict[str, list[Item]]
    playhead: list[list[Any]]
    state: State
    now_ms: int
    rules: Rules

    @property
    def until_ms(self) -> int:
        """Where the time line ends: now while live, else the last event."""
        return self.state.last_at_ms

    def to_json(self, from_ms: int | None = None) -> dict[str, Any]:
        state, lanes = self.state, self.lanes
        shown: dict[str, Any] = {
            "session_started_ms": state.started_at_ms,
            "last_at_ms": self.events[-1].at_ms if self.events else 0,
            "ended_at_ms": state.ended_at_ms,
            "state": state.state,
            "live": state.live,
            "ended_reason": state.ended_reason,
            "as_of_ms": self.now_ms,
            "from_ms": from_ms,
            "playback": since(lanes["playback"], from_ms, _end),
        }
        for name in SPANS:
            shown[name] = since(lanes[name], from_ms, _end)
        for name in MOMENTS:
            shown[name] = since(lanes[name], from_ms, _at)
        shown["playhead"] = since(self.playhead, from_ms, _first)
        shown["late"] = since(lanes["late"], from_ms, _end)
        shown["gaps"] = [
            {"start_ms": span["start_ms"], "end_ms": span["end_ms"]}
            for span in shown["playback"]
            if span["state"] == "no_signal"
        ]
        return shown

    def at(self, at_ms: int) -> dict[str, Any]:
        """What the lanes show at one moment; None for what nothing is known of."""
        playback = _covering(self.lanes["playback"], at_ms)
        qos = next((item for item in reversed(self.lanes["qos"]) if item["at_ms"] <= at_ms), {})
        return {
            "at_ms": at_ms,
            "state": playback["state"] if playback else None,
            "state_since_ms": playback["start_ms"] if playback else None,
            "playhead_position_ms": self._playhead_at(at_ms),
            "ad_break": _covering(self.lanes["ad_break"], at_ms),
            "ad": _covering(self.lanes["ad"], at_ms),
            "segment": _covering(self.lanes["segment"], at_ms),
            "bitrate_bps": qos.get("bitrate_bps"),
            "fps": qos.get("fps"),
            "dropped_frames": qos.get("dropped_frames"),
        }

    def _playhead_at(self, at_ms: int) -> int | None:
        """The last report before, carried on at rate 1 through what was played since."""
        known = next((point for point in reversed(self.playhead) if point[0] <= at_ms), None)
        if known is None:
            return None
        played_ms: int = sum(
            max(0, min(span["end_ms"] or at_ms, at_ms) - max(span["start_ms"], known[0]))
            for span in self.lanes["playback"]
            if span["state"] == "playing"
        )
        return played_ms + int(known[1])


class TimelineBuilder:
    """A timeline kept current. Events that belong earlier than the last make it fold again."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._sent: dict[str, Event] = {}
        self._clear([], NO_OFFSETS)

    def _clear(self, placed: list[Event], offsets: Offsets) -> None:
        self._events: list[Event] = []
        self._state, self._lanes, self._offsets = begun(offsets, self.rules), Lanes(), offsets
        self._fold(placed)

    def _fold(self, placed: list[Event]) -> None:
        fold(self._state, placed, self.rules, self._lanes)
        self._events += placed

    def add(self, new_events: Iterable[Event]) -> int | None:
        """Take in events; returns from when on the timeline changed, None when nothing was new."""
        fresh: dict[str, Event] = {}
        for event in new_events:
            known = fresh.get(event.key) or self._sent.get(event.key)
            if known is None or first_copy(event) < first_copy(known):
                fresh[event.key] = event
        if not fresh:
            return None
        self._sent |= fresh
        return self._append(list(fresh.values())) if self._follow(fresh) else self._fold_again()

    def _follow(self, fresh: dict[str, Event]) -> bool:
        """Whether the events simply come after all that are known."""
        if len(self._sent) != len(self._events) + len(fresh):
            return False
        if any(map(is_impossible, fresh.values())) and offsets_of(fresh.values(), self._offsets) != self._offsets:
            return False
        earliest = min(corrected(event, self._offsets).order() for event in fresh.values())
        return not self._events or earliest > self._events[-1].order()

    def _append(self, fresh: list[Event]) -> int:
        placed = in_order([corrected(event, self._offsets) for event in fresh])
        from_ms = self._events[-1].at_ms if self._events else placed[0].at_ms
        self._lanes.touched_ms = None
        self._fold(placed)
        return min(from_ms, self._lanes.touched_ms or from_ms)

    def _fold_again(self) -> int:
        before, seeks = self._events, self._lanes.lanes["seek"]
        placed, offsets = place(self._sent.values())
        self._clear(placed, offsets)
        same = 0
        while same < min(len(before), len(placed)) and before[same] == placed[same]:
            same += 1
        if not same:
            return min(placed[0].at_ms, before[0].at_ms if before else placed[0].at_ms)
        # A later report may tell anew where an earlier seek went.
        retold: list[int] = [
            old["start_ms"] for old, new in zip(seeks, self._lanes.lanes["seek"], strict=False) if old != new
        ]
        return min([placed[same - 1].at_ms, *retold])

    def timeline(self, now_ms: int) -> Timeline:
        """The timeline as of now. What has been silent too long is over; what is open goes on until now."""
        lanes = self._lanes.copied()
        state = _brought_to(self._state, lanes, now_ms, self.rules)
        return Timeline(list(self._events), lanes.lanes, lanes.playhead, state, now_ms, self.rules)

    def to_json(self, now_ms: int, from_ms: int | None = None) -> dict[str, Any]:
        """As `Timeline.to_json`; with `from_ms` at the cost of what is shown, not of the session's length."""
        lanes = self._lanes.copied() if from_ms is None else _cut(self._lanes, from_ms)
        state = _brought_to(self._state, lanes, now_ms, self.rules)
        last = self._events[-1:]
        return Timeline(last, lanes.lanes, lanes.playhead, state, now_ms, self.rules).to_json(from_ms)

    def at(self, at_ms: int, now_ms: int | None = None) -> dict[str, Any]:
        return self.timeline(at_ms if now_ms is None else now_ms).at(at_ms)


def build(events: Iterable[Event], rules: Rules, now_ms: int) -> Timeline:
    """The timeline of these events as of now."""
    builder = TimelineBuilder(rules)
    builder.add(events)
    return builder.timeline(now_ms)


def as_of(events: Iterable[Event], at_ms: int) -> list[Event]:
    """What had happened up to a moment of the device's clock; fold it with `now_ms` at that moment."""
    return [event for event in place(events)[0] if event.at_ms <= at_ms]


def known_at(events: Iterable[Event], received_ms: int) -> list[Event]:
    """What had arrived up to a moment of our clock."""
    return [event for event in events if event.received_at_ms <= received_ms]


def _brought_to(open_state: State, lanes: Lanes, now_ms: int, rules: Rules) -> State:
    """The state as of now, and the lanes with it: the last span open while live, closed when over."""
    state = close_if_due(open_state, now_ms, rules)
    if not state.event_count:
        return state
    if not state.live:
        _close_lanes(open_state, state, lanes)
        return state
    state = state.copy()
    if now_ms > state.last_at_ms:
        carry_on(state, now_ms, lanes)
    lanes.playback([state.state, state.state_since_ms, None], state.inferred, state.under)
    return state


def _close_lanes(before: State, state: State, lanes: Lanes) -> None:
    """End everything where the session ended; a span that only a timeout ended is inferred."""
    if before.state != "ended":
        if before.last_at_ms > before.state_since_ms:
            lanes.playback([before.state, before.state_since_ms, before.last_at_ms], True, before.under)
        for lane in SPANS:
            if lanes.lanes[lane] and lanes.lanes[lane][-1]["end_ms"] is None:
                lanes.closed(lane, state.last_at_ms, "ended_early", True)
    elif before.last_at_ms > before.state_since_ms:
        lanes.playback(["ended", before.state_since_ms, before.last_at_ms], before.inferred, None)


def _cut(lanes: Lanes, from_ms: int) -> Lanes:
    cut = Lanes()
    for name, lane in lanes.lanes.items():
        cut.lanes[name] = since(lane, from_ms, _at if name in MOMENTS else _end)
    cut.playhead = since(lanes.playhead, from_ms, _first)
    return cut


def _covering(lane: list[Item], at_ms: int) -> Item | None:
    for item in reversed(lane):
        if item["start_ms"] <= at_ms:
            return item if item["end_ms"] is None or at_ms < item["end_ms"] else None
    return None


def _end(item: Item) -> int | None:
    end_ms: int | None = item["end_ms"]
    return end_ms


def _at(item: Item) -> int:
    at_ms: int = item["at_ms"]
    return at_ms


def _first(point: list[Any]) -> int:
    at_ms: int = point[0]
    return at_ms
