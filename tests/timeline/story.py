"""Sessions told in seconds: `story("0 Media Session Start", "1.5 Play", …)` gives their events."""

from typing import Any

from sessions_app.timeline.events import Event

T0 = 1_790_000_000_000


def event(
    at_s: float, name: str, *, index: int = 0, late_ms: int = 300, key: str | None = None, **attributes: Any
) -> Event:
    at_ms = T0 + round(at_s * 1000)
    return Event(
        key=key or f"{index:08x}{abs(hash((name, at_ms))) % 16**24:024x}",
        name=name,
        at_ms=at_ms,
        batch_at_ms=T0,
        index_in_batch=index,
        received_at_ms=at_ms + late_ms,
        attributes=attributes,
    )


def story(*lines: str | tuple[str, dict[str, Any]]) -> list[Event]:
    """Each line is "seconds name", or such a line with the event's attributes."""
    told = []
    for index, line in enumerate(lines):
        text, attributes = line if isinstance(line, tuple) else (line, {})
        seconds, name = text.split(" ", 1)
        told.append(event(float(seconds), name, index=index, key=f"{index:032x}", **attributes))
    return told


def at(seconds: float) -> int:
    return T0 + round(seconds * 1000)


def beats(
    start_s: int, end_s: int, every_s: int = 10, position_s: int | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Playhead reports at a steady pace, by default where the playhead is when it began at 0 with the session."""
    offset_s = 0 if position_s is None else position_s - start_s
    return [
        (f"{second} Update Playhead Position", {"playhead_position": (second + offset_s) * 1000})
        for second in range(start_s, end_s, every_s)
    ]
