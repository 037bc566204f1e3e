"""The lanes of a timeline, written down by the fold as it goes.

`Lanes` listens to `session.step`; what it holds is JSON already. `since` cuts a lane to what ends at or after a
moment, from the end backwards, so that a live frame of a long session costs no more than of a short one.
"""

from collections.abc import Callable
from typing import Any

from sessions_app.timeline.events import NAMES, Event, amount
from sessions_app.timeline.observer import Observer
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.transitions import short

Item = dict[str, Any]

AD_TEXTS = ("title", "advertiser", "campaign", "creative", "placement")


class Lanes(Observer):
    """Everything drawn, in order of time. The last entry of a lane may be open (`end_ms` is None)."""

    def __init__(self) -> None:
        self.lanes: dict[str, list[Item]] = {
            name: [] for name in ("playback", "ad_break", "ad", "segment", "seek", "qos", "errors", "custom", "late")
        }
        self.playhead: list[list[Any]] = []
        # An entry that had ended earlier was changed: its end. None when all changes follow what was there.
        self.touched_ms: int | None = None
        self._event_was_late = False

    def playback(self, span: list, inferred: bool, under: str | None) -> None:
        self.lanes["playback"].append(playback_item(span, inferred, under))

    def playback_goes_on(self) -> None:
        if self.lanes["playback"]:  # it may have been cut off
            self.lanes["playback"].pop()

    def opened(self, lane: str, event: Event, facts: dict) -> None:
        self.lanes[lane].append(_OPENED[lane](event, facts))

    def closed(self, lane: str, at_ms: int, result: str, inferred: bool) -> None:
        self.lanes[lane][-1] = ended(self.lanes[lane][-1], at_ms, result, inferred)

    def clicked(self, at_ms: int) -> None:
        self._change("ad", clicks=[*self.lanes["ad"][-1]["clicks"], at_ms])

    def sought(self, start_ms: int, from_ms: int | None) -> None:
        self.lanes["seek"].append({"start_ms": start_ms, "end_ms": None, "from_ms": from_ms, "to_ms": None})

    def landed(self, end_ms: int, to_ms: int | None) -> None:
        self._change("seek", end_ms=end_ms, to_ms=to_ms)

    def settled(self, to_ms: int) -> None:
        self._change("seek", to_ms=to_ms)
        self.touched_ms = self.touched_ms or self.lanes["seek"][-1]["end_ms"]

    def _change(self, lane: str, **values: Any) -> None:
        """Entries are replaced, never changed: a timeline handed out before keeps its own."""
        self.lanes[lane][-1] = {**self.lanes[lane][-1], **values}

    def reported(self, event: Event, kind: str) -> None:
        self.playhead.append([event.at_ms, event.attributes["playhead_position"], kind])

    def measured(self, event: Event) -> None:
        attributes, lane = event.attributes, self.lanes["qos"]
        dropped = amount(attributes, "qos_dropped_frames")
        before = lane[-1]["dropped_frames"] if lane else None
        delta = None
        if dropped is not None:
            # A total that fell has begun again from 0.
            delta = 0 if before is None else dropped - before if dropped >= before else dropped
        lane.append(
            {
                "at_ms": event.at_ms,
                "bitrate_bps": amount(attributes, "qos_bitrate"),
                "fps": amount(attributes, "qos_fps"),
                "dropped_frames": before if dropped is None else dropped,
                "dropped_delta": delta,
                "startup_time_ms": amount(attributes, "qos_startup_time"),
            }
        )

    def happened(self, event: Event, rules: Rules) -> None:
        """Any event, after the fold has taken it in: the lanes of single moments."""
        if event.name not in NAMES:
            moment: Item = {"at_ms": event.at_ms, "name": event.name, "seq": event.seq}
            if rules.is_error(event.name):
                moment["message"] = short(event, "error_message") or short(event, "message")
                self.lanes["errors"].append(moment)
            else:
                self.lanes["custom"].append(moment)
        delay_ms = event.received_at_ms - event.at_ms
        is_late = delay_ms > rules.late_after_ms
        if is_late:
            self._late(event.at_ms, delay_ms)
        self._event_was_late = is_late

    def _late(self, at_ms: int, delay_ms: int) -> None:
        groups = self.lanes["late"]
        if self._event_was_late:
            group = groups[-1]
            groups[-1] = {
                "start_ms": group["start_ms"],
                "end_ms": at_ms,
                "count": group["count"] + 1,
                "max_delay_ms": max(group["max_delay_ms"], delay_ms),
            }
        else:
            groups.append({"start_ms": at_ms, "end_ms": at_ms, "count": 1, "max_delay_ms": delay_ms})

    def copied(self) -> "Lanes":
        """Lanes that can be carried on to now without changing these."""
        twin = Lanes()
        twin.lanes = {name: lane.copy() for name, lane in self.lanes.items()}
        twin.playhead = self.playhead.copy()
        return twin


def ended(item: Item, at_ms: int, result: str, inferred: bool) -> Item:
    """The entry, closed."""
    closed = {**item, "end_ms": at_ms}
    if "result" in item:
        closed["result"] = result
    if "inferred" in item:
        closed["inferred"] = inferred
    return closed


def playback_item(span: list, inferred: bool, under: str | None) -> Item:
    return {"state": span[0], "start_ms": span[1], "end_ms": span[2], "inferred": inferred, "under": under}


def _ad_break(event: Event, facts: dict) -> Item:
    return {
        "ad_break_id": facts["ad_break_id"],
        "ad_break_title": short(event, "ad_break_title"),
        "ad_break_duration_ms": amount(event.attributes, "ad_break_duration"),
        "start_ms": event.at_ms,
        "end_ms": None,
        "inferred": False,
    }


def _ad(event: Event, facts: dict) -> Item:
    return {
        "number": facts["number"],
        "ad_content_id": facts["ad_content_id"],
        **{f"ad_content_{name}": short(event, f"ad_content_{name}") for name in AD_TEXTS},
        "ad_content_position": _as_sent(event, "ad_content_position"),
        "ad_content_duration_ms": amount(event.attributes, "ad_content_duration"),
        "ad_break_id": facts["ad_break_id"],
        "start_ms": event.at_ms,
        "end_ms": None,
        "result": "open",
        "clicks": [],
        "inferred": False,
    }


def _as_sent(event: Event, name: str) -> int | str | None:
    value = amount(event.attributes, name)
    return short(event, name) if value is None else value


def _segment(event: Event, facts: dict) -> Item:
    return {
        "number": facts["number"],
        "segment_index": facts["segment_index"],
        "segment_title": facts["segment_title"],
        "segment_duration_ms": amount(event.attributes, "segment_duration"),
        "start_ms": event.at_ms,
        "end_ms": None,
        "result": "open",
        "inferred": False,
    }


_OPENED: dict[str, Callable[[Event, dict], Item]] = {"ad_break": _ad_break, "ad": _ad, "segment": _segment}


def since(lane: list, from_ms: int | None, end_of: Callable[[Any], int | None]) -> list:
    """What of a lane ends at or after a moment; what is open does."""
    if from_ms is None:
        return lane
    first = len(lane)
    while first:
        end_ms = end_of(lane[first - 1])
        if end_ms is not None and end_ms < from_ms:
            break
        first -= 1
    return lane[first:]
