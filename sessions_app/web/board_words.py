"""What the live board says about a row and a figure. static/js/live/board_words.js says the same in the browser.

Health marks appear only past a threshold, at most two: errors from 1, bufferings from 2, dropped frames over 100,
events more than 10 s late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sessions_app.templatetags.figures import device_icon, hundredths, number, seconds
from sessions_app.timeline.sentences import platform_title
from sessions_app.web.words import UNKNOWN, elapsed

MARKS_SHOWN = 2
BUFFERINGS_FROM = 2
DROPPED_OVER = 100
LATE_OVER_MS = 10_000
# Late data says less of the viewer than an error does, however late it is.
LATE_AT_MOST_S = 60
ROUGH_REBUFFER_RATIO = 0.01
# Beyond this many times a start, per cent are large numbers that say little.
TELLING_GROWTH = 3


@dataclass(frozen=True)
class Mark:
    """One health mark: an icon, a few words, and the whole sentence on hover."""

    icon: str
    words: str
    tone: str
    title: str


@dataclass(frozen=True)
class Figure:
    """One of the six figures above the board, explained by its formula."""

    key: str
    label: str
    formula: str
    series: str
    value: str = UNKNOWN
    unit: str = ""
    hint: str = ""


def marks(health: Mapping[str, int]) -> list[Mark]:
    """What is wrong with a session, most serious first."""
    found = []
    if health["error_count"]:
        found.append(Mark("error", str(health["error_count"]), "text-error", "Playback errors"))
    if health["rebuffer_count"] >= BUFFERINGS_FROM:
        words = f"{health['rebuffer_count']}× {health['rebuffer_ms'] / 1000:.0f} s"
        found.append(Mark("buffer", words, "text-warn", "Times and length of buffering"))
    if health["dropped_frames"] > DROPPED_OVER:
        found.append(Mark("drop", number(health["dropped_frames"]), "secondary", "Dropped frames"))
    if health["late_ms"] > LATE_OVER_MS:
        found.append(Mark("late", lateness(health["late_ms"]), "text-warn", "Events arriving late, up to"))
    return found[:MARKS_SHOWN]


def lateness(late_ms: float) -> str:
    """35 s · 12 min · 2 h"""
    if late_ms < 100_000:
        return f"{late_ms / 1000:.0f} s"
    return f"{late_ms / 60_000:.0f} min" if late_ms < 6_000_000 else f"{late_ms / 3_600_000:.0f} h"


def attention(row: Mapping[str, Any]) -> float:
    """How much a session needs looking at: what "Needs attention" sorts by, the largest first."""
    health = row["health"]
    buffering_s = health["rebuffer_ms"] / 1000 if health["rebuffer_count"] >= BUFFERINGS_FROM else 0
    now = {"buffering": 60, "no_signal": 30}.get(row["state"], 0)
    late_s = min(health["late_ms"] / 1000, LATE_AT_MOST_S)
    return float(health["error_count"] * 90 + now + buffering_s + health["dropped_frames"] / 20 + late_s)


def row_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its words, for the template."""
    playhead, under = playhead_words(row)
    platform = platform_title(row["platform"]) or row["input"]["name"]
    return {
        **row,
        "title": row["content_title"] or "untitled",
        "under": row["content_show"] or row["stream_type"] or row["content_type"] or "",
        "device_icon": "audio" if row["content_type"] == "Audio" else device_icon(f"{row['device']} {row['platform']}"),
        "device_words": row["device"] or platform,
        "player_words": " · ".join(word for word in (platform, row["player_name"]) if word),
        "playhead_words": playhead,
        "playhead_under": under,
        "marks": marks(row["health"]),
    }


def playhead_words(row: Mapping[str, Any]) -> tuple[str, str]:
    """Where playback stands: in the content, or behind the live edge."""
    if row["stream_type"] == "LiveStream":
        behind = row["behind_live_ms"]
        return "live edge", "" if behind is None else f"−{behind / 1000:.0f} s"
    total = row["content_duration_ms"]
    return elapsed(row["playhead_position_ms"]), f"of {elapsed(total)}" if total else ""


def title_words(title: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the leaderboard; past 1 % rebuffering its second line says that instead of the show."""
    ratio = title["rebuffer_ratio"]
    is_rough = ratio is not None and ratio > ROUGH_REBUFFER_RATIO
    under = f"rebuffer {hundredths(ratio, 2)} %" if is_rough else title["content_show"] or title["stream_type"] or ""
    return {**title, "is_rough": is_rough, "under": under}


def tightest_words(tightest: Mapping[str, Any] | None, labels: Mapping[str, str], total: int) -> str:
    """The filter that lets the fewest through, when none match them all; nothing when it is the only one."""
    if not tightest or tightest["matched"] in (0, total):
        return ""
    return f"Without {labels.get(tightest['name'], tightest['name'])}, {number(tightest['matched'])} would match."


def figures(values: Mapping[str, Any]) -> list[Figure]:
    """The six figures in words."""
    exits, ads = values["exits_before_start"], values["ad_completion"]
    return [
        Figure(
            "viewers_now",
            "Viewers now",
            "Sessions that are starting, playing, in an ad, seeking, or buffering for less than 5 minutes. "
            "Not paused, not silent.",
            "viewers_30min",
            number(values["viewers_now"]),
            "",
            change(values["viewers_30min"]),
        ),
        Figure(
            "plays_per_minute",
            "Plays per minute",
            "Sessions whose first Play came in the last full minute.",
            "plays_30min",
            number(values["plays_per_minute"]),
            "",
            f"30-min mean {number(mean(values['plays_30min']))}",
        ),
        Figure(
            "startup",
            "Startup time",
            "From Media Session Start to the first picture: qos_startup_time, else measured. Last 30 minutes.",
            "",
            seconds(values["startup_p50_ms"]),
            f" s p50 · {seconds(values['startup_p95_ms'])} s p95",
            "target p95 under 4 s",
        ),
        Figure(
            "rebuffer_ratio",
            "Rebuffer ratio",
            "Buffering ÷ watched time, sum over sum, without buffering that belongs to a seek. Last 30 minutes.",
            "rebuffer_30min",
            hundredths(values["rebuffer_ratio"], 2),
            " %",
            "seeks left out",
        ),
        Figure(
            "exits_before_start",
            "Exits before start",
            "Sessions that ended without playback and without an error ÷ sessions that ended. Last 30 minutes.",
            "exits_30min",
            hundredths(ratio(exits)),
            " %",
            f"{number(exits['n'])} of {number(exits['of'])} sessions",
        ),
        Figure(
            "ad_completion",
            "Ad completion",
            "Ad End ÷ Ad Start. Last 30 minutes.",
            "ad_completion_30min",
            hundredths(ratio(ads)),
            " %",
            f"{number(ads['n'])} of {number(ads['of'])} ads",
        ),
    ]


def ratio(part: Mapping[str, int]) -> float | None:
    return part["n"] / part["of"] if part["of"] else None


def mean(series: Sequence[float | None]) -> float | None:
    known = [value for value in series if value is not None]
    return sum(known) / len(known) if known else None


def change(series: Sequence[float | None]) -> str:
    """How a series moved from its first known value to its last: in per cent, or from where when those say nothing."""
    known = [value for value in series if value is not None]
    if len(known) < 2 or not known[0]:
        return "last 30 minutes"
    if known[-1] > known[0] * TELLING_GROWTH:
        return f"{number(known[0])} half an hour ago"
    return f"{(known[-1] / known[0] - 1) * 100:+.1f} % in 30 min".replace("-", "−")
