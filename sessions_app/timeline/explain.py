"""Why a number is what it is: its formula, and the pieces it adds up from.

`explain` gives for each metric the intervals (or moments) with the events at their ends. The `amount`s of the
intervals add up to the value exactly; of a ratio they are its numerator, and `parts` holds both sides.
"""

from collections.abc import Callable
from typing import Any

from sessions_app.timeline import events, pieces
from sessions_app.timeline.metrics import METRICS
from sessions_app.timeline.spans import Timeline
from sessions_app.timeline.summary import PROGRESS_MARKS, summarize


def explain(timeline: Timeline, metric: str) -> dict[str, Any]:
    """The metric's formula in words, its intervals and its value. KeyError for a name that is no metric."""
    label, formula, unit, source = METRICS[metric]
    values = summarize(timeline)
    made_of = _PIECES.get(metric)
    answer: dict[str, Any] = {
        "metric": metric,
        "label": label,
        "formula": formula,
        "unit": unit,
        "source": source,
        "intervals": made_of(pieces.Reader(timeline)) if made_of and values[metric] is not None else [],
        "value": values[metric],
    }
    if metric in _PARTS:
        answer["parts"] = _PARTS[metric](timeline, values)
    return answer


_PIECES: dict[str, pieces.Pieces] = {
    "media_time_spent_ms": pieces.length,
    "content_time_ms": pieces.spent_in("playing"),
    "media_content_time_spent_ms": pieces.play_to_pause,
    "watched_time_ms": pieces.watched,
    "startup_time_ms": pieces.startup_time,
    "exit_before_start": pieces.length,
    "start_failure": pieces.such(pieces.is_error),
    "playback_failure": pieces.such(pieces.is_error),
    "rebuffer_count": pieces.rebuffer_count,
    "rebuffer_ms": pieces.rebuffer_ms,
    "rebuffer_ratio": pieces.rebuffer_ms,
    "seek_count": pieces.seeks,
    "seek_ms": pieces.spent_in("seeking"),
    "seek_forward_ms": pieces.sought(1),
    "seek_backward_ms": pieces.sought(-1),
    "pause_count": pieces.pauses,
    "paused_ms": pieces.spent_in("paused"),
    "average_bitrate_bps": pieces.weighted_bitrate,
    "peak_bitrate_bps": pieces.peak_bitrate,
    "bitrate_shift_count": pieces.bitrate_shifts,
    "dropped_frames": pieces.dropped,
    "unique_content_ms": pieces.covered,
    "coverage": pieces.covered,
    "reached_end": pieces.reached_end,
    "progress_marks": pieces.covered,
    "ad_break_count": pieces.each(events.AD_BREAK_START),
    "ad_count": pieces.each(events.AD_START),
    "ad_completed_count": pieces.finished("ad", "completed"),
    "ad_skipped_count": pieces.finished("ad", "skipped"),
    "ad_time_ms": pieces.spent_in("ad"),
    "ad_time_ratio": pieces.spent_in("ad"),
    "segment_count": pieces.each(events.SEGMENT_START),
    "segment_completed_count": pieces.finished("segment", "completed"),
    "segment_skipped_count": pieces.finished("segment", "skipped"),
    "custom_event_count": pieces.such(pieces.is_custom),
    "error_count": pieces.such(pieces.is_error),
    "event_count": pieces.such(lambda reader, event: True),
    "late_event_count": pieces.such(pieces.is_late),
}

_PARTS: dict[str, Callable[[Timeline, dict[str, Any]], dict[str, Any]]] = {
    "rebuffer_ratio": lambda timeline, values: {name: values[name] for name in ("rebuffer_ms", "watched_time_ms")},
    "ad_time_ratio": lambda timeline, values: {name: values[name] for name in ("ad_time_ms", "watched_time_ms")},
    "coverage": lambda timeline, values: {
        "unique_content_ms": values["unique_content_ms"],
        "content_duration_ms": timeline.state.content_duration_ms,
    },
    "average_bitrate_bps": lambda timeline, values: {"weighted_ms": timeline.state.weighted_ms},
    "progress_marks": lambda timeline, values: {
        "marks": list(PROGRESS_MARKS),
        "content_duration_ms": timeline.state.content_duration_ms,
    },
}
