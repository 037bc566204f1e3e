"""Which moment a session is looked at: now, or earlier by the player's clock, by what had arrived, or both."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

from sessions_app.api.stories import When
from sessions_app.live.frames import session_json, session_then, viewer_refs
from sessions_app.models import MediaSession
from sessions_app.timeline.spans import Timeline


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


def session_seen(
    row: MediaSession, timeline: Timeline, look: LookBack, numbers: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """SESSION as of the moment looked at; `timeline` is of that moment."""
    viewer_ref = viewer_refs([row.pk]).get(row.pk)
    if look.is_now:
        return session_json(row, timeline.state, viewer_ref=viewer_ref, numbers=numbers)
    return session_then(row, timeline, viewer_ref, numbers)


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
