"""The live board: who is watching what now. Drawn here once; the websocket /ws/live/ keeps it current."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from sessions_app.live import board as live_board
from sessions_app.live.filters import LARGEST_LIMIT, Filters, filters_of
from sessions_app.models import Input, MediaSession, Workspace
from sessions_app.templatetags.figures import STATE_TITLES
from sessions_app.timeline.sentences import platform_title
from sessions_app.web.access import page, workspace_of
from sessions_app.web.board_words import attention, figures, row_words, tightest_words, title_words
from sessions_app.web.first_run import has_sessions

# Drawn by the server; the script draws more when asked.
ROWS_DRAWN = 60
SORTS = {"attention": "Needs attention", "newest": "Newest", "title": "Title"}
STREAM_TYPES = ("", "LiveStream", "OnDemand")
PICKS = {
    "content": "Content",
    "content_type": "Content type",
    "player": "Player",
    "platform": "Platform",
    "input": "Input",
    "state": "State",
}
FILTER_LABELS = PICKS | {"stream_type": "Stream type"}
LIVE_STATES = ("playing", "ad", "paused", "buffering", "no_signal", "seeking", "starting")


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Pick:
    """One filter: what may be chosen and what is."""

    name: str
    label: str
    options: list[Option]

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]

    @property
    def words(self) -> str:
        """any · Roku · Roku, Web, +4"""
        labels = [option.label for option in self.chosen]
        more = f", +{len(labels) - 2}" if len(labels) > 2 else ""
        return ", ".join(labels[:2]) + more if labels else "any"


@page()
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """A workspace that never had a session is shown how to send one."""
    workspace = workspace_of(request)
    if not has_sessions(workspace):
        return redirect("first-run")
    asked = dict(request.GET.lists())
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "attention"
    snapshot = _snapshot(workspace, filters_of(asked | {"sort": [sort], "limit": [str(LARGEST_LIMIT)]}))
    rows = sorted_rows(snapshot["upsert"], sort)
    context = {
        "live": True,
        "snapshot": snapshot,
        "rows": [row_words(row) for row in rows[:ROWS_DRAWN]],
        "figures": figures(snapshot["figures"]),
        "sort": sort,
        "sorts": SORTS.items(),
        "filter_labels": json.dumps(FILTER_LABELS),
        "tightest_words": tightest_words(snapshot["tightest"], FILTER_LABELS, snapshot["total"]),
        "only_content": only_content(request.GET, workspace),
        "last_ended": None if snapshot["total"] else last_ended(workspace),
        **_filter_bar(request.GET, workspace, snapshot["titles"]),
        **_sides(request.GET, snapshot),
    }
    return render(request, "live/board.html", context)


def _snapshot(workspace: Workspace, filters: Filters) -> dict[str, Any]:
    """The board as the socket would send it first, as plain values."""
    whole = msgspec.json.encode(live_board.snapshot(workspace.pk, filters))
    decoded: dict[str, Any] = msgspec.json.decode(whole)
    return decoded


def sorted_rows(rows: Iterable[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """By need of attention, by start, or by title; equal ones newest first."""
    newest = sorted(rows, key=lambda row: row["started_at_ms"], reverse=True)
    if sort == "title":
        return sorted(newest, key=lambda row: (row["content_title"] or "").casefold())
    return sorted(newest, key=attention, reverse=True) if sort == "attention" else newest


def last_ended(workspace: Workspace) -> MediaSession | None:
    return MediaSession.objects.filter(workspace=workspace, live=False).order_by("-id").first()


def only_content(query: QueryDict, workspace: Workspace) -> str:
    """The one title the board is filtered by, when it has a page: when it was ever watched."""
    chosen = query.getlist("content")
    if len(chosen) != 1 or not MediaSession.objects.filter(workspace=workspace, content_id=chosen[0]).exists():
        return ""
    return chosen[0]


def address(query: QueryDict, name: str, values: list[str]) -> str:
    """The board's address with one filter changed."""
    changed = query.copy()
    changed.setlist(name, values)
    if not any(values):
        changed.pop(name)
    return "?" + changed.urlencode()


def _filter_bar(query: QueryDict, workspace: Workspace, titles: list[dict[str, Any]]) -> dict[str, Any]:
    labels = _choices(workspace, titles)
    picks = []
    for name, label in PICKS.items():
        chosen = set(query.getlist(name))
        known = labels[name] | {value: value for value in chosen if value not in labels[name]}
        options = [Option(value, words, value in chosen) for value, words in known.items()]
        picks.append(Pick(name, label, options))
    stream_type = query.get("stream_type", "")
    return {
        "picks": picks,
        "stream_type": stream_type,
        "stream_types": [
            {"label": kind or "All", "href": address(query, "stream_type", [kind]), "is_chosen": kind == stream_type}
            for kind in STREAM_TYPES
        ],
        "is_filtered": bool(stream_type) or any(pick.chosen for pick in picks),
    }


def _choices(workspace: Workspace, titles: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """What can be chosen now: the values live sessions have."""
    seen = live_board.board_of(workspace.pk, time.time_ns() // 1_000_000).choices()
    inputs = Input.objects.filter(workspace=workspace).order_by("name").values_list("pk", "name")
    return {
        "content": {title["content_id"]: title["content_title"] or title["content_id"] for title in titles},
        **{name: {value: value for value in seen[name]} for name in ("content_type", "player")},
        "platform": {value: platform_title(value) for value in seen["platform"]},
        "input": {str(pk): name for pk, name in inputs},
        "state": {state: STATE_TITLES[state] for state in LIVE_STATES},
    }


def _sides(query: QueryDict, snapshot: dict[str, Any]) -> dict[str, Any]:
    """By-state counts and the leaderboard; a click filters by it, another click lets go."""
    counts = snapshot["by_state"]
    chosen = set(query.getlist("state"))
    by_state = [
        {
            "state": state,
            "count": counts.get(state, 0),
            "is_chosen": state in chosen,
            "href": address(query, "state", [] if chosen == {state} else [state]),
        }
        for state in LIVE_STATES
    ]
    contents = set(query.getlist("content"))
    titles = []
    for title in snapshot["titles"]:
        content_id = title["content_id"] or ""
        is_chosen = contents == {content_id}
        href = address(query, "content", [] if is_chosen else [content_id])
        titles.append({**title_words(title), "href": href, "is_chosen": is_chosen})
    return {"by_state": by_state, "by_state_max": max([1, *counts.values()]), "titles": titles}
