"""One title: who watches it now and over the last day, how well it starts and runs, how far people get.

Whatever the number of its sessions, the page costs the same: what is live comes from the board, figures from the
rollups, retention from the newest sessions, which the page says.
"""

import time
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sessions_app.live.board import board_of
from sessions_app.live.frames import row_json
from sessions_app.models import MediaSession, Workspace
from sessions_app.templatetags.figures import ending, moment
from sessions_app.web.access import page, workspace_of
from sessions_app.web.board_words import row_words
from sessions_app.web.title_numbers import DAYS, audience, numbers, retention

SESSIONS_SHOWN = 60


@page()
@require_safe
def title(request: HttpRequest, content_id: str) -> HttpResponse:
    workspace, now_ms = workspace_of(request), time.time_ns() // 1_000_000
    of_title = MediaSession.objects.filter(workspace=workspace, content_id=content_id).order_by("-id")
    newest = list(of_title.select_related("input")[:SESSIONS_SHOWN])
    if not newest:
        raise Http404
    board = board_of(workspace.pk, now_ms)
    live = [row for row in board.rows.values() if row.live and row.content_id == content_id]
    rows = shown_rows([msgspec.json.decode(row.json) for row in live], newest)
    context = {
        "content_id": content_id,
        "name": next((one.content_title for one in newest if one.content_title), content_id),
        "newest": newest[0],
        "is_live_stream": newest[0].stream_type == "LiveStream",
        "watching": sum(row.is_watching(now_ms) for row in live),
        "open_count": len(live),
        "sessions": [visit_words(row) for row in rows],
        "strips": {"now_ms": now_ms, "rows": {row["id"]: strip_of(row) for row in rows}},
        "days": DAYS,
        "numbers": numbers(workspace, content_id, now_ms),
        "charts": charts(workspace, content_id, live, now_ms),
    }
    return render(request, "titles/title.html", context)


def charts(workspace: Workspace, content_id: str, live: list[Any], now_ms: int) -> dict[str, Any]:
    return {
        "audience": audience(workspace, content_id, [(row.started_at_ms, row.last_at_ms) for row in live], now_ms),
        "retention": retention(workspace, content_id),
    }


def shown_rows(live: list[dict[str, Any]], newest: list[MediaSession]) -> list[dict[str, Any]]:
    """Live ones first, those that began last first, then those that are over."""
    over = [row_json(one) for one in newest if not one.live]
    for rows in (live, over):
        rows.sort(key=lambda row: -row["started_at_ms"])
    return [*live, *over][:SESSIONS_SHOWN]


def visit_words(row: dict[str, Any]) -> dict[str, Any]:
    """A row in words; among rows of one title, when it began and how it ended say more than its name."""
    under = "still open" if row["live"] else ending(row["ended_reason"])
    return {**row_words(row), "title": moment(row["started_at_ms"]), "under": under}


def strip_of(row: dict[str, Any]) -> dict[str, Any]:
    """What the browser needs to draw a session's last ten minutes."""
    return {name: row[name] for name in ("strip", "errors", "live", "last_at_ms")}
