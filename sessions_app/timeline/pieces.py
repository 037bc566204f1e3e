"""The pieces numbers are made of: spans and moments of a timeline, with the events at their ends."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from sessions_app.timeline import events, playhead
from sessions_app.timeline.events import Event, amount
from sessions_app.timeline.lanes import Item
from sessions_app.timeline.session import AFTER_SEEK_MS
from sessions_app.timeline.spans import Timeline
from sessions_app.timeline.state import NOT_WATCHING
from sessions_app.timeline.summary import startup

Interval = dict[str, Any]

# Which event a reader expects at the start of a span, where several share its millisecond.
OPENERS = {
    "starting": (events.MEDIA_SESSION_START,),
    "playing": (events.PLAY, events.BUFFER_END, events.SEEK_END, events.AD_BREAK_END, events.AD_END, events.AD_SKIP),
    "ad": (events.AD_START, events.PLAY, events.BUFFER_END),
    "buffering": (events.BUFFER_START, events.SEEK_END),
    "seeking": (events.SEEK_START,),
    "paused": (events.PAUSE, events.MEDIA_CONTENT_END, events.AD_END, events.AD_SKIP, events.AD_BREAK_END),
}


class Reader:
    """A timeline, and the events at its moments."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.lanes = timeline.lanes
        self.until_ms = timeline.until_ms
        self._times = [event.at_ms for event in timeline.events]
        self._states = {span["start_ms"]: span["state"] for span in timeline.lanes["playback"]}

    def spans(self, *states: str) -> list[Item]:
        return [span for span in self.lanes["playback"] if span["state"] in states]

    def named(self, *names: str) -> list[Event]:
        return [event for event in self.timeline.events if event.name in names]

    def interval(self, start_ms: int, end_ms: int | None, label: str, amount: int | None = None) -> Interval:
        closed_ms = self.until_ms if end_ms is None else end_ms
        next_state = self._states.get(closed_ms, "")
        return {
            "start_ms": start_ms,
            "end_ms": closed_ms,
            "from_event": self._event_at(start_ms, OPENERS.get(label, ())),
            "to_event": self._event_at(closed_ms, OPENERS.get(next_state, (events.MEDIA_SESSION_END,))),
            "label": label,
            "amount": closed_ms - start_ms if amount is None else amount,
        }

    def moment(self, event: Event, label: str = "", amount: int = 1) -> Interval:
        shown = _shown(event)
        return {
            "start_ms": event.at_ms,
            "end_ms": event.at_ms,
            "from_event": shown,
            "to_event": shown,
            "label": label or event.name,
            "amount": amount,
        }

    def _event_at(self, at_ms: int, expected: tuple[str, ...]) -> Item | None:
        first, found = bisect_left(self._times, at_ms), []
        while first < len(self._times) and self._times[first] == at_ms:
            found.append(self.timeline.events[first])
            first += 1
        if not found:
            return None
        ranked = sorted(found, key=lambda event: expected.index(event.name) if event.name in expected else 99)
        return _shown(ranked[0])


def _shown(event: Event) -> Item:
    return {"event_key": event.key, "name": event.name, "at_ms": event.at_ms, "seq": event.seq}


Pieces = Callable[[Reader], list[Interval]]


def spent_in(*states: str) -> Pieces:
    def pieces(reader: Reader) -> list[Interval]:
        return [reader.interval(span["start_ms"], span["end_ms"], span["state"]) for span in reader.spans(*states)]

    return pieces


def each(*names: str) -> Pieces:
    def pieces(reader: Reader) -> list[Interval]:
        return [reader.moment(event) for event in reader.named(*names)]

    return pieces


def watched(reader: Reader) -> list[Interval]:
    first_ms = reader.timeline.state.first_play_at_ms or 0
    watched = []
    for span in reader.lanes["playback"]:
        end_ms = reader.until_ms if span["end_ms"] is None else span["end_ms"]
        if span["state"] not in NOT_WATCHING and end_ms > first_ms:
            watched.append(reader.interval(max(first_ms, span["start_ms"]), end_ms, span["state"]))
    return watched


def length(reader: Reader) -> list[Interval]:
    first, last = reader.timeline.events[0], reader.timeline.events[-1]
    return [reader.interval(first.at_ms, last.at_ms, "first to last event")]


def play_to_pause(reader: Reader) -> list[Interval]:
    stops = (events.PAUSE, events.MEDIA_CONTENT_END, events.MEDIA_SESSION_END)
    began_ms, runs = None, []
    for event in reader.named(events.PLAY, *stops):
        if event.name == events.PLAY:
            began_ms = event.at_ms if began_ms is None else began_ms
        elif began_ms is not None:
            runs.append(reader.interval(began_ms, event.at_ms, "playing"))
            began_ms = None
    if began_ms is not None:
        runs.append(reader.interval(began_ms, None, "playing"))
    return runs


def startup_time(reader: Reader) -> list[Interval]:
    state = reader.timeline.state
    startup_ms, source = startup(state)
    if source == "client":
        reports = reader.named(events.UPDATE_QOS)
        told = next(event for event in reports if amount(event.attributes, "qos_startup_time"))
        return [reader.moment(told, "as the client measured it", startup_ms or 0)]
    return [reader.interval(state.session_start_at_ms or 0, state.playback_at_ms, "starting", startup_ms)]


def rebuffers(reader: Reader) -> list[Item]:
    landed = sorted(seek["end_ms"] for seek in reader.lanes["seek"] if seek["end_ms"] is not None)

    def follows_seek(start_ms: int) -> bool:
        before = bisect_right(landed, start_ms)
        return before > 0 and start_ms - landed[before - 1] <= AFTER_SEEK_MS

    return [
        span
        for span in reader.spans("buffering")
        if not follows_seek(span["start_ms"]) and (span["end_ms"] or reader.until_ms) > span["start_ms"]
    ]


def rebuffer_ms(reader: Reader) -> list[Interval]:
    return [reader.interval(span["start_ms"], span["end_ms"], "buffering") for span in rebuffers(reader)]


def rebuffer_count(reader: Reader) -> list[Interval]:
    return [reader.interval(span["start_ms"], span["end_ms"], "buffering", 1) for span in rebuffers(reader)]


def seeks(reader: Reader) -> list[Interval]:
    return [reader.interval(seek["start_ms"], seek["end_ms"], "seeking", 1) for seek in reader.lanes["seek"]]


def sought(sign: int) -> Pieces:
    def pieces(reader: Reader) -> list[Interval]:
        moved = []
        for seek in reader.lanes["seek"]:
            if seek["from_ms"] is not None and seek["to_ms"] is not None:
                distance_ms = sign * (seek["to_ms"] - seek["from_ms"])
                if distance_ms > 0:
                    moved.append(reader.interval(seek["start_ms"], seek["end_ms"], "seeking", distance_ms))
        return moved

    return pieces


def pauses(reader: Reader) -> list[Interval]:
    paused, pauses = False, []
    for event in reader.named(events.PAUSE, events.PLAY, events.MEDIA_SESSION_END):
        if event.name == events.PAUSE and not paused:
            pauses.append(reader.moment(event))
        paused = event.name == events.PAUSE
    return pauses


def weighted_bitrate(reader: Reader) -> list[Interval]:
    reports = [(item["at_ms"], item["bitrate_bps"]) for item in reader.lanes["qos"] if item["bitrate_bps"]]
    pieces = []
    for (at_ms, bitrate), following in zip(reports, [*reports[1:], (reader.until_ms, 0)], strict=True):
        for span in reader.spans("playing"):
            start_ms = max(span["start_ms"], at_ms)
            end_ms = min(reader.until_ms if span["end_ms"] is None else span["end_ms"], following[0])
            if end_ms > start_ms:
                weight = bitrate * (end_ms - start_ms)
                pieces.append(reader.interval(start_ms, end_ms, f"{bitrate} bit/s", weight))
    return pieces


def peak_bitrate(reader: Reader) -> list[Interval]:
    peak = reader.timeline.state.peak_bitrate_bps or 0
    reports = reader.named(events.UPDATE_QOS)
    return [reader.moment(event, "", peak) for event in reports if amount(event.attributes, "qos_bitrate") == peak][:1]


def bitrate_shifts(reader: Reader) -> list[Interval]:
    before, shifts = None, []
    for event in reader.named(events.UPDATE_QOS):
        bitrate = amount(event.attributes, "qos_bitrate")
        if bitrate:
            if before is not None and bitrate != before:
                shifts.append(reader.moment(event, f"{before} → {bitrate} bit/s"))
            before = bitrate
    return shifts


def dropped(reader: Reader) -> list[Interval]:
    falls, before, pieces = reader.timeline.state.dropped_falls, None, []
    for event in reader.named(events.UPDATE_QOS):
        dropped = amount(event.attributes, "qos_dropped_frames")
        if dropped is not None:
            gained = dropped if falls else dropped - (dropped if before is None else before)
            if gained:
                pieces.append(reader.moment(event, "", gained))
            before = dropped
    return pieces


def covered(reader: Reader) -> list[Interval]:
    """Intervals of content, not of time: where in the content, and how much of it."""
    return [
        {
            "start_ms": start,
            "end_ms": end,
            "from_event": None,
            "to_event": None,
            "label": "content",
            "amount": end - start,
        }
        for start, end in playhead.covered(reader.timeline.state)
    ]


def reached_end(reader: Reader) -> list[Interval]:
    """The first Media Content End, else the first report at the complete limit of the duration known by then."""
    ends = reader.named(events.MEDIA_CONTENT_END)
    if ends:
        return [reader.moment(ends[0])]
    reports = {(point[0], point[1]) for point in reader.timeline.playhead}
    duration_ms = 1 << 62
    for event in reader.timeline.events:
        if event.name in events.SUMMARIES:
            continue
        duration_ms = amount(event.attributes, "content_duration") or duration_ms
        position_ms = amount(event.attributes, "playhead_position")
        if position_ms is None or (event.at_ms, position_ms) not in reports:
            continue
        if position_ms >= duration_ms * reader.timeline.rules.complete_limit:
            return [reader.moment(event)]
    return []


def finished(lane: str, result: str) -> Pieces:
    def pieces(reader: Reader) -> list[Interval]:
        return [
            reader.interval(item["start_ms"], item["end_ms"], result, 1)
            for item in reader.lanes[lane]
            if item["result"] == result
        ]

    return pieces


def such(is_such: Callable[[Reader, Event], bool]) -> Pieces:
    def pieces(reader: Reader) -> list[Interval]:
        return [reader.moment(event) for event in reader.timeline.events if is_such(reader, event)]

    return pieces


def is_custom(reader: Reader, event: Event) -> bool:
    return event.name not in events.NAMES


def is_error(reader: Reader, event: Event) -> bool:
    return is_custom(reader, event) and reader.timeline.rules.is_error(event.name)


def is_late(reader: Reader, event: Event) -> bool:
    return event.received_at_ms - event.at_ms > reader.timeline.rules.late_after_ms
