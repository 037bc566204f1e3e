"""How findings are said: plain sentences with their moment, lengths and positions in people's units."""

from typing import NamedTuple

# Platforms come in lower case; what is not listed is said as it came.
PLATFORM_TITLES = {
    "web": "Web",
    "ios": "iOS",
    "tvos": "tvOS",
    "android": "Android",
    "android_tv": "Android TV",
    "fire_tv": "Fire TV",
    "roku": "Roku",
    "xbox": "Xbox",
    "smarttv": "Smart TV",
    "server": "Server",
}


class Finding(NamedTuple):
    """severity: 3 what failed, 2 what annoyed, 1 what is worth knowing. `kind` names the rule."""

    kind: str
    at_ms: int
    text: str
    severity: int = 1


def platform_title(platform: str | None) -> str:
    """A platform as its makers spell it: iOS, Roku."""
    return PLATFORM_TITLES.get(platform or "", platform or "")


def seconds(ms: int) -> str:
    """7.9 s, 38 s, 12 min 40 s, 2 h 5 min."""
    if ms < 10_000:
        return f"{ms / 1000:.1f} s"
    whole = round(ms / 1000)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def days(ms: int) -> str:
    """4 days; below two of them as `seconds`."""
    return f"{ms // 86_400_000} days" if ms >= 2 * 86_400_000 else seconds(ms)


def position(ms: int) -> str:
    minutes, rest = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def megabits(bps: int) -> str:
    return f"{bps / 1e6:.1f}".removesuffix(".0") + " Mbps"


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
