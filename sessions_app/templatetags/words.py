"""How a number, a time and a state are said in a page. The browser says them the same way (static/js/lib)."""

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

UNKNOWN = "–"
# What a playback state is called, and the short name its icon and colours go by.
STATES = {
    "starting": ("Starting", "start"),
    "playing": ("Playing", "play"),
    "ad": ("Ad", "ad"),
    "buffering": ("Buffering", "buffer"),
    "seeking": ("Seeking", "seek"),
    "paused": ("Paused", "pause"),
    "no_signal": ("No events", "idle"),
    "ended": ("Ended", "ended"),
}
ENDINGS = {
    "session_end": "Media Session End",
    "timed_out": "no end event, timed out",
    "timed_out_paused": "timed out while paused",
    "assumed_finished": "content finished, no end event",
    "summary_only": "only a summary came",
}
DEVICE_ICONS = (
    ("audio", ("speaker", "echo", "sonos")),
    ("tv", ("roku", "tv", "fire", "chromecast", "xbox", "playstation")),
    ("tablet", ("ipad", "tablet")),
    ("phone", ("phone", "ios", "android", "pixel", "galaxy", "mobile")),
)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A 16 px line icon of the sprite in base.html; size "s" 12 px, "m" 14 px."""
    return format_html(
        '<svg class="i {}" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>', size, name
    )


@register.filter
def state_word(state: str) -> str:
    return STATES.get(state, (state, ""))[0]


@register.filter
def state_mark(state: str) -> str:
    """The short name of a state: class of its badge, name of its icon and colour."""
    return STATES.get(state, ("", "idle"))[1]


@register.filter
def ending(reason: str | None) -> str:
    return ENDINGS.get(reason or "", UNKNOWN)


@register.filter
def device_icon(words: str) -> str:
    """Which outline stands for a device: screen, tablet, phone, loudspeaker; else a laptop."""
    said = words.lower()
    return next((name for name, hints in DEVICE_ICONS if any(hint in said for hint in hints)), "laptop")


@register.filter
def number(value: float | None) -> str:
    """Thousands apart: 188,402."""
    return UNKNOWN if value is None else f"{value:,.0f}"


@register.filter
def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio as per cent, without the sign: 0.0197 is 2.0."""
    return UNKNOWN if ratio is None else f"{ratio * 100:.{digits}f}"


@register.filter
def duration(ms: float | None) -> str:
    """A length of time in words: 7.9 s, 1 min 12 s, 2 h 05 min."""
    if ms is None:
        return UNKNOWN
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(int(ms // 1000), 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


@register.filter
def position(ms: float | None) -> str:
    """A place in the content: 04:12, 1:04:12."""
    if ms is None:
        return UNKNOWN
    minutes, seconds = divmod(int(ms // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


@register.filter
def bytes_size(count: int | None) -> str:
    """A file's size: 188 KB, 6.1 MB."""
    if count is None:
        return UNKNOWN
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB" if count else "0 KB"
    return f"{count / 1_000_000:.1f} MB" if count < 1_000_000_000 else f"{count / 1_000_000_000:.1f} GB"


@register.filter
def moment(value: Any) -> str:
    """A moment in UTC as people say it: 14:13:55 today, else 11 Oct 09:12. Takes epoch ms too."""
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
    """A datetime in UTC of a datetime or of epoch ms; None for none and for years we cannot say."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    if value is None or value == "":
        return None
    try:
        return dt.datetime.fromtimestamp(float(value) / 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
