"""How long playback usually takes to start: what one session's startup time is set against.

Read from the day rollups of the week the session was in, and kept for some minutes: neither a page nor a session
being settled scans for itself.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache

from sessions_app.keys import key128
from sessions_app.models import MediaSession, Workspace
from sessions_app.summaries.series import Range, percentile, totals
from sessions_app.summaries.shares import DAY_MS

DAYS = 7
KEPT_S = 300
# Percentiles of fewer say nothing.
FEWEST = 20
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Startups:
    """Startup times of settled sessions that are comparable; of every platform when there are too few of one."""

    platform: str | None
    sessions: int
    p50_ms: int
    p75_ms: int
    p95_ms: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def usual_startups(session: MediaSession, workspace: Workspace) -> Startups | None:
    """In the week up to the session's day, on its platform if that is enough to go by; else on all."""
    return kept(week_of(session, workspace)._replace(platform=session.platform)) or kept(week_of(session, workspace))


def usual_startups_of_title(session: MediaSession, workspace: Workspace) -> Startups | None:
    """The same of the session's title, on every platform."""
    return kept(week_of(session, workspace)._replace(content_id=session.content_id)) if session.content_id else None


def week_of(session: MediaSession, workspace: Workspace) -> Range:
    to_ms = ((session.session_day - EPOCH).days + 1) * DAY_MS
    return Range(workspace, to_ms - DAYS * DAY_MS, to_ms)


def kept(asked: Range) -> Startups | None:
    about = key128(f"{asked.platform}/{asked.content_id}")
    key = f"usual-startups:{asked.workspace.pk}:{asked.to_ms}:{about}"
    found: Startups | None = cache.get_or_set(key, lambda: startups_in(asked), KEPT_S)
    return found


def startups_in(asked: Range) -> Startups | None:
    """None when fewer than 20 have started."""
    histogram = [(bucket["le_ms"], bucket["count"]) for bucket in totals(asked, "day")["startup_histogram"]]
    count = sum(started for _, started in histogram)
    if count < FEWEST:
        return None
    p50, p75, p95 = (percentile(histogram, part) or 0 for part in (0.5, 0.75, 0.95))
    return Startups(asked.platform, count, p50, p75, p95)
