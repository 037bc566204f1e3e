"""The numbers of one session, by the names and formulas of docs/metrics.md.

All are read off the state as of now (`session.current` or a timeline's), so that the board, a live page and a settled
summary give the same. None where there is nothing to measure.
"""

from typing import Any

from sessions_app.timeline import playhead
from sessions_app.timeline.lanes import Item
from sessions_app.timeline.spans import Timeline
from sessions_app.timeline.state import State

PROGRESS_MARKS = (10, 25, 50, 75, 95)


def summarize(timeline: Timeline, duplicate_count: int | None = None) -> dict[str, Any]:
    """Every number of the session. How many copies were dropped only the store knows."""
    return {**numbers(timeline.state), "duplicate_count": duplicate_count}


def numbers(state: State) -> dict[str, Any]:
    """Every number the events give, from the state as of now."""
    return {**_times(state), **outcome(state), **_quality(state), **_content(state), **_counts(state)}


def _times(state: State) -> dict[str, Any]:
    seen = state.is_active
    totals = state.totals
    startup_ms, source = startup(state)
    return {
        "media_time_spent_ms": state.last_order[0] - state.started_at_ms if state.last_order else None,
        "content_time_ms": totals["playing"] if seen else None,
        "media_content_time_spent_ms": state.content_clock_ms if seen else None,
        "watched_time_ms": state.watched_ms if state.first_play_at_ms is not None else None,
        "startup_time_ms": startup_ms,
        "startup_source": source,
        "seek_count": state.seek_count if seen else None,
        "seek_ms": totals["seeking"] if seen else None,
        "seek_forward_ms": state.seek_forward_ms if seen else None,
        "seek_backward_ms": state.seek_backward_ms if seen else None,
        "pause_count": state.pause_count if seen else None,
        "paused_ms": totals["paused"] if seen else None,
    }


def startup(state: State) -> tuple[int | None, str | None]:
    """The time from wanting to seeing: the client's own measurement, else what the events show."""
    if state.startup_client_ms is not None:
        return state.startup_client_ms, "client"
    if state.session_start_at_ms is None or state.playback_at_ms is None:
        return None, None
    return max(0, state.playback_at_ms - state.session_start_at_ms), "derived"


def outcome(state: State) -> dict[str, Any]:
    """Whether it was left before it began, could not begin, or broke off."""
    if not state.is_active:
        return dict.fromkeys(("exit_before_start", "start_failure", "playback_failure"))
    failed = state.error_count > 0
    return {
        "exit_before_start": not state.live and not state.has_started and not failed,
        "start_failure": failed and not state.has_started,
        "playback_failure": failed and state.has_started and not state.played_since_error,
    }


def _quality(state: State) -> dict[str, Any]:
    watched = state.first_play_at_ms is not None
    return {
        "rebuffer_count": state.rebuffer_count if watched else None,
        "rebuffer_ms": state.rebuffer_ms if watched else None,
        "rebuffer_ratio": ratio(state.rebuffer_ms, state.watched_ms),
        "average_bitrate_bps": round(state.weighted_bitrate / state.weighted_ms) if state.weighted_ms else None,
        "peak_bitrate_bps": state.peak_bitrate_bps,
        "bitrate_shift_count": state.bitrate_shift_count if state.bitrate_bps is not None else None,
        "dropped_frames": state.dropped_frames,
    }


def _content(state: State) -> dict[str, Any]:
    covered = playhead.covered(state)
    unique_ms = sum(end - start for start, end in covered) if state.reported_ms is not None else None
    duration_ms = state.content_duration_ms
    return {
        "unique_content_ms": unique_ms,
        "coverage": ratio(unique_ms, duration_ms),
        "reached_end": state.reached_end if state.is_active else None,
        "progress_marks": _marks_passed(covered, duration_ms) if duration_ms and unique_ms is not None else None,
    }


def _marks_passed(covered: list[list[int]], duration_ms: int) -> list[int]:
    return [
        mark for mark in PROGRESS_MARKS if any(start * 100 <= mark * duration_ms <= end * 100 for start, end in covered)
    ]


def _counts(state: State) -> dict[str, Any]:
    ad_time_ms = state.totals["ad"] if state.is_active else None
    counts = {
        name: getattr(state, name) if state.is_active else None
        for name in (
            "ad_break_count",
            "ad_count",
            "ad_completed_count",
            "ad_skipped_count",
            "segment_count",
            "segment_completed_count",
            "segment_skipped_count",
        )
    }
    return {
        **counts,
        "ad_time_ms": ad_time_ms,
        "ad_time_ratio": ratio(ad_time_ms, state.watched_ms),
        "custom_event_count": state.custom_event_count,
        "error_count": state.error_count,
        "event_count": state.event_count,
        "late_event_count": state.late_event_count,
    }


def ratio(part: int | None, whole: int | None) -> float | None:
    """Between 0 and 1; None without anything to divide by."""
    if part is None or not whole:
        return None
    return min(1.0, round(part / whole, 6))


def ads(timeline: Timeline) -> list[Item]:
    """One summary an Ad Start, in the field's names."""
    return [
        {
            **{name: value for name, value in ad.items() if name not in ("start_ms", "end_ms", "clicks")},
            "ad_content_start_time": ad["start_ms"],
            "ad_content_end_time": ad["end_ms"],
            "time_spent_ms": time_spent(ad, timeline),
            "ad_completed": ad["result"] == "completed",
            "ad_skipped": ad["result"] == "skipped",
            "ad_clicked": bool(ad["clicks"]),
            "clicks": ad["clicks"],
        }
        for ad in timeline.lanes["ad"]
    ]


def segments(timeline: Timeline) -> list[Item]:
    """One summary a Segment Start, in the field's names."""
    return [
        {
            **{name: value for name, value in segment.items() if name not in ("start_ms", "end_ms")},
            "segment_start_time": segment["start_ms"],
            "segment_end_time": segment["end_ms"],
            "media_segment_time_spent_ms": time_spent(segment, timeline),
            "segment_completed": segment["result"] == "completed",
            "segment_skipped": segment["result"] == "skipped",
        }
        for segment in timeline.lanes["segment"]
    ]


def time_spent(item: Item, timeline: Timeline) -> int:
    """From start to end, or to now while open."""
    end_ms = timeline.until_ms if item["end_ms"] is None else item["end_ms"]
    return int(end_ms - item["start_ms"])
