"""The figures of one title, read from the rollups at a cost that does not grow with its sessions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

from sessions_app.live.frames import state_of
from sessions_app.models import MediaSession, Workspace
from sessions_app.summaries.series import Range, duration_of, totals, viewers
from sessions_app.summaries.shares import DAY_MS, MINUTE_MS
from sessions_app.timeline.playhead import covered

# Figures are of this many UTC days, today's included.
DAYS = 30
STEP_MS = 10 * MINUTE_MS
# Retention is made from this many of the newest sessions.
SAMPLED = 1_000
RETENTION_STEPS = 50


def numbers(workspace: Workspace, content_id: str, now_ms: int) -> dict[str, Any]:
    """Of the settled sessions of the last days: ratios are sums over sums."""
    from_ms = (now_ms // DAY_MS - DAYS + 1) * DAY_MS
    asked = Range(workspace, from_ms, now_ms, content_id)
    found = totals(asked, "day", duration_of(workspace, content_id))
    sums = found["sums"]
    return {
        **found,
        "errors": sums.get("errors", 0),
        "completion": part(found["completion"]),
        "exits": part(found["exits_before_start"]),
        "average_content_time_ms": found["content_ms"] / found["sessions"] if found["sessions"] else None,
    }


def part(share: dict[str, int]) -> float | None:
    return share["n"] / share["of"] if share["of"] else None


def audience(workspace: Workspace, content_id: str, live: Iterable[tuple[int, int]], now_ms: int) -> dict[str, Any]:
    """Viewers in the fullest minute of each ten minutes of the last day. `live`: from when to when sessions are open.

    The rollups know of a session when it is settled; one still open counts as viewing since it began.
    """
    from_ms = now_ms // STEP_MS * STEP_MS - DAY_MS
    settled = viewers(Range(workspace, from_ms, now_ms, content_id))
    fullest: dict[int, int] = {}
    for at_ms, open_count in zip(range(from_ms, now_ms, MINUTE_MS), open_by_minute(live, from_ms, now_ms), strict=True):
        step = at_ms // STEP_MS
        fullest[step] = max(fullest.get(step, 0), settled.get(at_ms, 0) + open_count)
    return {"since_ms": from_ms, "step_ms": STEP_MS, "values": list(fullest.values())}


def open_by_minute(live: Iterable[tuple[int, int]], from_ms: int, now_ms: int) -> Iterator[int]:
    """How many sessions are open in each minute from `from_ms` on."""
    changes: Counter[int] = Counter()
    for began_ms, last_ms in live:
        if last_ms >= from_ms:
            changes[max(began_ms, from_ms) // MINUTE_MS] += 1
            changes[last_ms // MINUTE_MS + 1] -= 1
    return accumulate(changes[at_ms // MINUTE_MS] for at_ms in range(from_ms, now_ms, MINUTE_MS))


def retention(workspace: Workspace, content_id: str) -> dict[str, Any]:
    """At each fiftieth of the content, the share of the newest sessions that played it. None without a duration."""
    of_title = MediaSession.objects.filter(workspace=workspace, content_id=content_id)
    newest = of_title.only("fold", "content_duration_ms").order_by("-id")[:SAMPLED]
    parts = [(played, one.content_duration_ms) for one in newest if one.content_duration_ms and (played := seen(one))]
    if not parts:
        return {"duration_ms": None, "sessions": 0, "shares": []}
    # Sessions may differ on how long it is, one in seconds perhaps: what most of them say.
    duration_ms = Counter(duration_ms for _, duration_ms in parts).most_common(1)[0][0]
    alike = [played for played, said_ms in parts if said_ms == duration_ms]
    shares = []
    for step in range(RETENTION_STEPS):
        at_ms = (step + 0.5) * duration_ms / RETENTION_STEPS
        shares.append(sum(any(start <= at_ms < end for start, end in played) for played in alike) / len(alike))
    return {"duration_ms": duration_ms, "sessions": len(alike), "shares": shares}


def seen(session: MediaSession) -> list[list[int]]:
    """The stretches of the content this session played."""
    return covered(state_of(session))
