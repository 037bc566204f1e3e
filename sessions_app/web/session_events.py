"""A session's events as its page and its files show them."""

from typing import Any

from sessions_app.live.frames import offsets_in, shown_event
from sessions_app.timeline.spans import Timeline


def events_of_page(timeline: Timeline) -> list[dict[str, Any]]:
    """EVENTs in order of arrival."""
    offsets = offsets_in(timeline.state)
    by_arrival = sorted(timeline.events, key=lambda event: event.seq)
    return [shown_event(event, timeline.rules, offsets) for event in by_arrival]


def in_order(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: (event["at_ms"], event["seq"]))
