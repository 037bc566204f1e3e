"""One title: who watches it now and over the last day, how well it starts and runs, how far people get."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from sessions_app.live.frames import row_json, state_of
from sessions_app.models import MediaSession, SessionSummary, Workspace
from sessions_app.templatetags.figures import ending, moment
from sessions_app.web.access import page, workspace_of
from sessions_app.web.board_words import row_words

SESSIONS_SHOWN = 60
# The newest sessions speak for the title.
SAMPLED = 1_000
RETENTION_STEPS = 50
BACK = dt.timedelta(days=1)
STEP_MS = 10 * 60_000
NOT_WATCHING = ("paused", "no_signal")

# How many of the title's sessions were open in each step of the last day.
AUDIENCE = """
SELECT step, count(session.id) FROM generate_series(%(from)s::bigint, %(to)s::bigint, %(step)s::bigint) AS step
LEFT JOIN sessions_app_mediasession session
    ON session.workspace_id = %(workspace)s AND session.content_id = %(content)s
    AND session.started_at_ms < step + %(step)s AND session.last_at_ms >= step
GROUP BY step ORDER BY step
"""


@page()
@require_safe
def title(request: HttpRequest, content_id: str) -> HttpResponse:
    workspace, now = workspace_of(request), timezone.now()
    sessions = list(
        MediaSession.objects.filter(workspace=workspace, content_id=content_id)
        .select_related("input")
        .order_by("-id")[:SAMPLED]
    )
    if not sessions:
        raise Http404
    newest = sessions[0]
    values = settled_values(workspace, content_id)
    rows = [row_json(one) for one in by_interest(sessions)[:SESSIONS_SHOWN]]
    context = {
        "content_id": content_id,
        "name": next((one.content_title for one in sessions if one.content_title), content_id),
        "newest": newest,
        "is_live_stream": newest.stream_type == "LiveStream",
        "watching": sum(one.live and one.state not in NOT_WATCHING for one in sessions),
        "open_count": sum(one.live for one in sessions),
        "sessions": [visit_words(row) for row in rows],
        "strips": {"now_ms": int(now.timestamp() * 1000), "rows": {row["id"]: strip_of(row) for row in rows}},
        "session_count": len(sessions),
        "is_sampled": len(sessions) == SAMPLED,
        "numbers": numbers_of(values),
        "charts": {
            "audience": audience(workspace, content_id, now),
            "retention": retention(sessions),
        },
    }
    return render(request, "titles/title.html", context)


def visit_words(row: dict[str, Any]) -> dict[str, Any]:
    """A row in words; among rows of one title, when it began and how it ended say more than its name."""
    under = "still open" if row["live"] else ending(row["ended_reason"])
    return {**row_words(row), "title": moment(row["started_at_ms"]), "under": under}


def strip_of(row: dict[str, Any]) -> dict[str, Any]:
    """What the browser needs to draw a session's last ten minutes."""
    return {name: row[name] for name in ("strip", "errors", "live", "last_at_ms")}


def by_interest(sessions: Sequence[MediaSession]) -> list[MediaSession]:
    """Live ones first, then the newest."""
    return sorted(sessions, key=lambda one: (not one.live, -one.pk))


def settled_values(workspace: Workspace, content_id: str) -> list[dict[str, Any]]:
    settled = SessionSummary.objects.filter(
        workspace=workspace, is_latest=True, session__content_id=content_id, session__workspace=workspace
    )
    return list(settled.order_by("-id").values_list("values", flat=True)[:SAMPLED])


def numbers_of(values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Ratios are sums over sums; percentiles over the sessions that have the number."""
    startups = sorted(known(values, "startup_time_ms"))
    watched, ads = sum(known(values, "watched_time_ms")), sum(known(values, "ad_count"))
    started = [one for one in values if not one.get("exit_before_start")]
    return {
        "settled": len(values),
        "startup_p50_ms": percentile(startups, 0.5),
        "startup_p95_ms": percentile(startups, 0.95),
        "rebuffer_ratio": sum(known(values, "rebuffer_ms")) / watched if watched else None,
        "completion": ratio(sum(bool(one.get("reached_end")) for one in started), len(started)),
        "exits": ratio(sum(bool(one.get("exit_before_start")) for one in values), len(values)),
        "ad_completion": ratio(sum(known(values, "ad_completed_count")), ads),
        "content_time_ms": sum(known(values, "content_time_ms")),
        "average_content_time_ms": ratio(sum(known(values, "content_time_ms")), len(values)),
        "errors": sum(known(values, "error_count")),
    }


def audience(workspace: Workspace, content_id: str, now: dt.datetime) -> dict[str, Any]:
    """Sessions open in each ten minutes of the last day."""
    to_ms = int(now.timestamp() * 1000) // STEP_MS * STEP_MS
    from_ms = to_ms - int(BACK.total_seconds() * 1000)
    given: dict[str, Any] = {
        "from": from_ms,
        "to": to_ms,
        "step": STEP_MS,
        "workspace": workspace.pk,
        "content": content_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(AUDIENCE, given)
        counts = [row[1] for row in cursor.fetchall()]
    return {"since_ms": from_ms, "step_ms": STEP_MS, "values": counts}


def retention(sessions: Iterable[MediaSession]) -> dict[str, Any]:
    """At each fiftieth of the content, the share of sessions that played it. None without a known duration."""
    parts = [(part, one.content_duration_ms) for one in sessions if one.content_duration_ms and (part := covered(one))]
    if not parts:
        return {"duration_ms": None, "sessions": 0, "shares": []}
    duration_ms = max(duration for _, duration in parts)
    shares = []
    for step in range(RETENTION_STEPS):
        at_ms = (step + 0.5) * duration_ms / RETENTION_STEPS
        shares.append(sum(any(start <= at_ms < end for start, end in part) for part, _ in parts) / len(parts))
    return {"duration_ms": duration_ms, "sessions": len(parts), "shares": shares}


def covered(session: MediaSession) -> list[list[int]]:
    """The stretches of the content this session played."""
    state = state_of(session)
    return list(state.coverage) if state else []


def known(values: Iterable[dict[str, Any]], name: str) -> list[float]:
    return [one[name] for one in values if one.get(name) is not None]


def percentile(ordered: Sequence[float], part: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else None


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
