"""How pages spell times, lengths and states: template filters and the icon tag, loaded in every template.

The browser spells them the same way, in static/js/lib/durations.js.
"""

import datetime as dt
from typing import Any

import msgspec
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

UNKNOWN = "–"

STATE_WORDS = {
    "starting": "starting",
    "playing": "playing",
    "ad": "ad playing",
    "buffering": "buffering",
    "seeking": "seeking",
    "paused": "paused",
    "no_signal": "no events",
    "ended": "ended",
}
STATE_ICONS = {"playing": "play", "paused": "pause", "buffering": "buffer", "seeking": "seek"}
ENDED_WORDS = {
    "session_end": "the player ended it",
    "timed_out": "timed out",
    "timed_out_paused": "timed out while paused",
    "assumed_finished": "assumed finished",
    "summary_only": "only summaries were sent",
}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "play" %}`, `{% icon "close" "small" %}`; a state's word gives that state's icon."""
    shape = STATE_ICONS.get(name, name)
    return format_html(
        '<svg class="icon {}" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>', size, shape
    )


# As Django's json_script: nothing in the text may end its element.
_NO_MARKUP = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def page_json(value: Any, element_id: str) -> SafeString:
    """As `json_script`, a tenth of its time: a long session's lanes are megabytes."""
    text = msgspec.json.encode(value).decode().translate(_NO_MARKUP)
    return format_html('<script id="{}" type="application/json">{}</script>', element_id, SafeString(text))


@register.filter
def state_word(state: str) -> str:
    return STATE_WORDS.get(state, state)


@register.filter
def ended_word(reason: str | None) -> str:
    return ENDED_WORDS.get(reason or "", reason or "")


@register.filter
def clock(at_ms: float | None, places: int = 0) -> str:
    """Wall clock in UTC: 14:06:23, with up to three places of the second."""
    moment = _moment(at_ms)
    if moment is None:
        return UNKNOWN
    fraction = f".{moment.microsecond // 1000:03d}"[: places + 1] if places else ""
    return f"{moment:%H:%M:%S}{fraction}"


@register.filter
def day(at_ms: float | None) -> str:
    """14 Oct 2026."""
    moment = _moment(at_ms)
    return UNKNOWN if moment is None else f"{moment.day} {moment:%b %Y}"


@register.filter
def iso(at_ms: float | None) -> str:
    """2026-10-14T14:06:23.204Z, for <time>; empty where no calendar reaches."""
    moment = _moment(at_ms)
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


@register.filter
def short_day(at_ms: float | None) -> str:
    """14 Oct."""
    return day(at_ms).rpartition(" ")[0] or UNKNOWN


@register.filter
def zone(offset_ms: float | None) -> str:
    """A time zone by its distance from UTC: UTC, UTC+2, UTC−3:30."""
    if offset_ms is None:
        return UNKNOWN
    minutes = round(offset_ms / 60_000)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}" if minutes else "UTC"


@register.filter
def elapsed(ms: float | None, tenths: int = 0) -> str:
    """A position in the content or the session: 04:12, 1:04:12, 04:12.3 when tenths are asked for."""
    if ms is None:
        return UNKNOWN
    seconds, rest = divmod(abs(int(ms)), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"
    return ("−" if ms < 0 else "") + words + (f".{rest // 100}" if tenths else "")


@register.filter("lasting")  # templates have a `length` of their own
def length(ms: float | None) -> str:
    """A length of time: 340 ms, 7.9 s, 1 min 12 s, 2 h 05 min, 3 d 04 h."""
    if ms is None:
        return UNKNOWN
    if ms < 1000:
        return f"{round(ms)} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    seconds = round(ms / 1000)
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    hours = seconds // 3600
    return f"{hours} h {seconds % 3600 // 60:02d} min" if hours < 48 else f"{hours // 24} d {hours % 24:02d} h"


@register.filter
def skew(ms: float | None) -> str:
    """How far a clock is off: +2.0 s, −340 ms."""
    return UNKNOWN if ms is None else ("+" if ms > 0 else "−" if ms < 0 else "") + length(abs(ms))


@register.filter
def megabits(bps: float | None) -> str:
    return UNKNOWN if bps is None else f"{bps / 1e6:.1f} Mbps"


@register.filter
def percent(ratio: float | None, places: int = 0) -> str:
    return UNKNOWN if ratio is None else f"{ratio * 100:.{places}f} %"


@register.filter
def known(value: Any) -> Any:
    """The value, or a dash where nothing is known: 0 stays 0."""
    return UNKNOWN if value is None or value == "" else value


@register.filter
def minus(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _moment(at_ms: float | None) -> dt.datetime | None:
    """None also for a year outside of what datetime can hold: players claim any."""
    if at_ms is None:
        return None
    try:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=int(at_ms))
    except OverflowError:
        return None
