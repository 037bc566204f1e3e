"""Which moment a session is looked at: now, or earlier by the player's clock, by what had arrived, or both."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import urlencode

from sessions_app.api.stories import When


@dataclass(frozen=True)
class LookBack:
    """Which moment of the past is shown; both None for the present."""

    as_of_ms: int | None
    known_at_ms: int | None

    @property
    def is_now(self) -> bool:
        return self.as_of_ms is None and self.known_at_ms is None

    @property
    def query(self) -> str:
        """For a link to the same look; empty for the present."""
        asked = {name: value for name, value in vars(self).items() if value is not None}
        return f"?{urlencode(asked)}" if asked else ""

    def when(self, now_ms: int) -> When:
        return When(now_ms, self.as_of_ms, self.known_at_ms)


def look_back(request: HttpRequest) -> LookBack:
    """`as_of_ms` in ms, or `as_of` as a form's date and time in UTC; likewise `known_at`. Nonsense is the present."""
    return LookBack(asked_moment(request, "as_of"), asked_moment(request, "known_at"))


def asked_moment(request: HttpRequest, name: str) -> int | None:
    in_ms = request.GET.get(f"{name}_ms", "")
    if in_ms.lstrip("-").isdecimal() and len(in_ms) <= 15:
        return int(in_ms)
    try:
        moment = dt.datetime.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return int(moment.replace(tzinfo=dt.UTC).timestamp() * 1000)
