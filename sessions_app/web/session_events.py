"""A session's events as its page and its files show them."""

from typing import Any

from sessions_app.live.frames import offsets_in, shown_event
from sessions_app.timeline.events import Event
from sessions_app.timeline.spans import Timeline


def events_of_page(timeline: Timeline, most: int | None = None) -> list[dict[str, Any]]:
    """EVENTs in order of arrival; `most` of them, the first."""
    return shown(timeline, sorted(timeline.events, key=lambda event: event.seq)[:most])


def first_rows(timeline: Timeline, most: int) -> list[dict[str, Any]]:
    """EVENTs in order of time, the first."""
    return shown(timeline, timeline.events[:most])


def shown(timeline: Timeline, events: list[Event]) -> list[dict[str, Any]]:
    offsets = offsets_in(timeline.state)
    return [shown_event(event, timeline.rules, offsets) for event in events]


def in_order(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: (event["at_ms"], event["seq"]))
