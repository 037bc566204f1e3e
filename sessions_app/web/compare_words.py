"""The figures of two sessions beside each other, and what the second has more or less of. The browser keeps those of
live sessions current with the same words (static/js/compare/figures.js).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sessions_app.web.words import UNKNOWN, length, megabits, percent


class Figure(NamedTuple):
    """A number of docs/metrics.md; `unit` says how it is spelt, `better` whether less or more of it is good."""

    name: str
    label: str
    unit: str
    better: str = ""


FIGURES = (
    Figure("media_time_spent_ms", "Session length", "length"),
    Figure("content_time_ms", "Content time spent", "length"),
    Figure("startup_time_ms", "Startup time", "length", "less"),
    Figure("rebuffer_count", "Bufferings", "count", "less"),
    Figure("rebuffer_ms", "Buffering", "length", "less"),
    Figure("rebuffer_ratio", "Rebuffer ratio", "percent", "less"),
    Figure("average_bitrate_bps", "Average bitrate", "megabits", "more"),
    Figure("peak_bitrate_bps", "Peak bitrate", "megabits"),
    Figure("bitrate_shift_count", "Bitrate shifts", "count"),
    Figure("dropped_frames", "Dropped frames", "count", "less"),
    Figure("error_count", "Errors", "count", "less"),
    Figure("pause_count", "Pauses", "count"),
    Figure("seek_count", "Seeks", "count"),
    Figure("ad_count", "Ads", "count"),
    Figure("ad_completed_count", "Ads completed", "count"),
    Figure("ad_time_ms", "Ad time", "length"),
    Figure("event_count", "Events", "count"),
    Figure("late_event_count", "Late events", "count", "less"),
)


def count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


SPELT: dict[str, Callable[[Any], str]] = {
    "length": length,
    "count": count,
    "percent": lambda ratio: percent(ratio, 2),
    "megabits": megabits,
}


def compared(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"figure": figure, **row(figure, a.get(figure.name), b.get(figure.name))} for figure in FIGURES]


def row(figure: Figure, a: float | None, b: float | None) -> dict[str, str]:
    """Both values and how far B is from A; `verdict` says for whom that speaks, where it does."""
    spell = SPELT[figure.unit]
    words = {"a": spell(a), "b": spell(b), "difference": UNKNOWN, "verdict": ""}
    if a is None or b is None:
        return words
    if words["a"] == words["b"]:
        return {**words, "difference": "same"}
    sign = "+" if b > a else "−"
    verdict = ""
    if figure.better:
        verdict = "B better" if (b < a) == (figure.better == "less") else "B worse"
    return {**words, "difference": sign + spell(abs(b - a)), "verdict": verdict}
