"""Figures, sizes, moments and devices as pages say them, beside web/words.py: `{% load figures %}`."""

import datetime as dt
from typing import Any

from django import template

from sessions_app.timeline.sentences import platform_title

register = template.Library()
register.filter(platform_title)

UNKNOWN = "–"
STATE_TITLES = {
    "starting": "Starting",
    "playing": "Playing",
    "ad": "Ad",
    "buffering": "Buffering",
    "seeking": "Seeking",
    "paused": "Paused",
    "no_signal": "No events",
    "ended": "Ended",
}
ENDINGS = {
    "session_end": "Media Session End",
    "timed_out": "no end event, timed out",
    "timed_out_paused": "timed out while paused",
    "assumed_finished": "content finished, no end event",
    "summary_only": "only a summary came",
}
DATASET_TITLES = {"summaries": "Sessions", "qos": "QoS"}
FORMAT_TITLES = {"csv": "CSV", "jsonl": "JSON Lines", "xlsx": "XLSX"}
# Which outline a device's name stands for; a laptop when none fits.
DEVICE_ICONS = (
    ("audio", ("speaker", "echo", "sonos")),
    ("tv", ("roku", "tv", "chromecast", "xbox", "playstation")),
    ("tablet", ("ipad", "tablet")),
    ("phone", ("phone", "ios", "android", "pixel", "galaxy", "mobile")),
)


@register.filter
def state_title(state: str) -> str:
    """A playback state as a heading or badge: "No events"."""
    return STATE_TITLES.get(state, state)


@register.filter
def format_title(name: str) -> str:
    """A file format in a list: JSON Lines."""
    return FORMAT_TITLES.get(name, name)


@register.filter
def dataset_title(name: str) -> str:
    """What the rows of an export are: Sessions, Ads, QoS."""
    return DATASET_TITLES.get(name, name.capitalize())


@register.filter
def ending(reason: str | None) -> str:
    """What ended a session, in a list."""
    return ENDINGS.get(reason or "", UNKNOWN)


@register.filter
def device_icon(words: str | None) -> str:
    """The icon of a device or platform."""
    said = (words or "").lower()
    return next((name for name, hints in DEVICE_ICONS if any(hint in said for hint in hints)), "laptop")


@register.filter
def number(value: float | str | None) -> str:
    """Thousands apart: 188,402. What a template does not know is an empty text: a dash as well."""
    return f"{value:,.0f}" if isinstance(value, int | float) else UNKNOWN


@register.filter
def hundredths(ratio: float | None, places: int = 1) -> str:
    """A ratio as per cent without the sign, which stands small beside it: 0.0197 is 2.0."""
    return UNKNOWN if ratio is None else f"{ratio * 100:.{places}f}"


@register.filter
def seconds(ms: float | None, places: int = 1) -> str:
    """Milliseconds as seconds without the unit, which stands small beside it."""
    return UNKNOWN if ms is None else f"{ms / 1000:.{places}f}"


@register.filter
def file_size(count: int | None) -> str:
    """188 KB, 6.1 MB."""
    if count is None:
        return UNKNOWN
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB" if count else "0 KB"
    return f"{count / 1_000_000:.1f} MB" if count < 1_000_000_000 else f"{count / 1_000_000_000:.1f} GB"


@register.filter
def moment(value: Any) -> str:
    """A moment in UTC: 14:13:55 when it is of today, else 11 Oct 09:12. Takes a datetime or epoch ms."""
    at = as_time(value)
    if at is None:
        return UNKNOWN
    if at.date() == dt.datetime.now(dt.UTC).date():
        return f"{at:%H:%M:%S}"
    return f"{at.day} {at:%b %H:%M}"


@register.filter
def iso(value: Any) -> str:
    """The same moment for programs: what <time datetime> holds."""
    at = as_time(value)
    return at.isoformat(timespec="milliseconds") if at else ""


def as_time(value: Any) -> dt.datetime | None:
    """A datetime in UTC; None for none and for years that cannot be said."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    if value is None or value == "":
        return None
    try:
        return dt.datetime.fromtimestamp(float(value) / 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
