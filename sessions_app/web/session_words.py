"""A session in words: title, badge and the figures under it, as first drawn. The browser keeps them current with the
same words (static/js/session/figures.js).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sessions_app.summaries.usual import Startups
from sessions_app.timeline.sentences import platform_title
from sessions_app.web.words import UNKNOWN, clock, elapsed, length, megabits, percent

# A loss of frames worth a moment.
MANY_DROPPED = 20


@dataclass(frozen=True)
class Figure:
    """One figure; `metric` is the number that /explain/ can take apart, empty when it is no single number."""

    name: str
    label: str
    value: str
    hint: str
    unit: str = ""
    metric: str = ""


def title_of(session: Mapping[str, Any]) -> str:
    return session["content_title"] or session["content_id"] or "Untitled session"


def subtitle_of(session: Mapping[str, Any]) -> str:
    """The Long Thaw · S2 E4"""
    season, episode = session["content_season"], session["content_episode"]
    number = " ".join(f"{letter}{value}" for letter, value in (("S", season), ("E", episode)) if value)
    return " · ".join(part for part in (session["content_show"], number) if part)


def content_words(session: Mapping[str, Any]) -> str:
    """OnDemand video, 44:00"""
    kind = " ".join(filter(None, (session["stream_type"], (session["content_type"] or "").lower())))
    duration = session["content_duration_ms"]
    return ", ".join(part for part in (kind, elapsed(duration) if duration else "") if part)


def figures_of(
    session: Mapping[str, Any], timeline: Mapping[str, Any], now_ms: int, usual: Startups | None = None
) -> list[Figure]:
    numbers = session["numbers"]
    return [
        running(session, now_ms),
        content_time(session, numbers, now_ms),
        Figure("ad_time_ms", "Ad time", length(numbers.get("ad_time_ms")), ads(numbers), metric="ad_time_ms"),
        startup(numbers, usual),
        rebuffering(numbers),
        Figure(
            "average_bitrate_bps",
            "Average bitrate",
            megabits(numbers.get("average_bitrate_bps")),
            f"peak {megabits(numbers.get('peak_bitrate_bps'))}",
            metric="average_bitrate_bps",
        ),
        dropped(numbers, timeline),
        events(session),
    ]


def running(session: Mapping[str, Any], now_ms: int) -> Figure:
    started_ms, last_ms = session["started_at_ms"], session["last_at_ms"]
    if not session["live"]:
        hint = f"ended {clock(last_ms)}"
        return Figure("running", "Session length", length(last_ms - started_ms), hint, metric="media_time_spent_ms")
    silent = length(max(0, now_ms - last_ms))
    return Figure("running", "Running for", length(max(0, now_ms - started_ms)), f"last event {silent} ago")


def content_time(session: Mapping[str, Any], numbers: Mapping[str, Any], now_ms: int) -> Figure:
    played = numbers.get("content_time_ms")
    whole = max(1, (now_ms if session["live"] else session["last_at_ms"]) - session["started_at_ms"])
    hint = UNKNOWN if played is None else f"{percent(min(1, played / whole))} of the session"
    return Figure("content_time_ms", "Content time spent", length(played), hint, metric="content_time_ms")


def ads(numbers: Mapping[str, Any]) -> str:
    count = numbers.get("ad_count")
    return f"{numbers.get('ad_completed_count')} of {count} ads completed" if count else "no ads"


def startup(numbers: Mapping[str, Any], usual: Startups | None) -> Figure:
    value = numbers.get("startup_time_ms")
    words = {"client": "sent by the client", "derived": "from the events"}
    hint = words.get(numbers.get("startup_source") or "", "to the first playback")
    if value is None:
        hint = "not measured"
    elif usual is not None:
        hint = f"{platform_title(usual.platform) or 'All'}: {percentiles(usual)}"
    return Figure("startup_time_ms", "Startup time", length(value), hint, metric="startup_time_ms")


def percentiles(usual: Startups) -> str:
    """p50 1.1 · p95 3.4 s"""
    return f"p50 {usual.p50_ms / 1000:.1f} · p95 {usual.p95_ms / 1000:.1f} s"


def rebuffering(numbers: Mapping[str, Any]) -> Figure:
    count = numbers.get("rebuffer_count")
    return Figure(
        "rebuffer_ms",
        "Buffering",
        UNKNOWN if count is None else str(count),
        f"rebuffer ratio {percent(numbers.get('rebuffer_ratio'), 2)}",
        unit=f"× · {length(numbers.get('rebuffer_ms'))}",
        metric="rebuffer_ms",
    )


def dropped(numbers: Mapping[str, Any], timeline: Mapping[str, Any]) -> Figure:
    total = numbers.get("dropped_frames")
    hint = "not reported" if total is None else burst(total, timeline)
    value = UNKNOWN if total is None else f"{total:,}"
    return Figure("dropped_frames", "Dropped frames", value, hint, metric="dropped_frames")


def burst(total: int, timeline: Mapping[str, Any]) -> str:
    """64 % of them at 04:20"""
    if not total:
        return "none"
    worst = max(timeline["qos"], key=lambda point: point["dropped_delta"] or 0, default=None)
    if worst is None or (worst["dropped_delta"] or 0) < MANY_DROPPED:
        return "no burst"
    since_start = worst["at_ms"] - timeline["session_started_ms"]
    return f"{percent(worst['dropped_delta'] / total)} of them at {elapsed(since_start)}"


def events(session: Mapping[str, Any]) -> Figure:
    hint = f"{session['late_event_count']:,} late · {session['quarantined_count']:,} quarantined"
    return Figure("event_count", "Events", f"{session['event_count']:,}", hint, metric="event_count")
