"""Compare: two sessions on one time axis, their figures with what differs, their findings.

`align` says what lies under one another: the same moment of the clock, the same place in the content, or the time since
the first frame. Without a second session the page offers some: found by id or title, of the same title, of the same
viewer for those who may search viewers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from sessions_app.api.stories import When, timeline_of
from sessions_app.keys import key128
from sessions_app.live.frames import row_json, session_json
from sessions_app.models import MediaSession, SessionIdentity, Workspace
from sessions_app.models.clock import database_now
from sessions_app.summaries.revision import settled
from sessions_app.summaries.usual import usual_startups
from sessions_app.viewers.roles import Action
from sessions_app.web import session_words
from sessions_app.web.access import may, page, workspace_of
from sessions_app.web.board_words import row_words
from sessions_app.web.compare_words import FIGURES, compared
from sessions_app.web.session_events import events_of_page
from sessions_app.web.sessions import EVENTS_IN_PAGE, LARGEST_ID, by_time, shortened

ALIGNMENTS = {
    "first_frame": "First frame",
    "playhead": "Playhead",
    "clock": "Wall clock",
}
OFFERED = 8
# How far back a title is searched: the newest sessions of the workspace.
SEARCHED = 2_000


@page(Action.SEE_SESSION)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request)
    a, b = (named(workspace, request.GET.get(side, "")) for side in "ab")
    if a is None or b is None:
        return choose(request, workspace, a, b)
    now_ms = round(database_now().timestamp() * 1000)
    sides = [side_of(name, row, workspace, now_ms) for name, row in (("a", a), ("b", b))]
    asked = request.GET.get("align", "")
    numbers = [side["session"]["numbers"] for side in sides]
    context = {
        "sides": sides,
        "live": any(side["session"]["live"] for side in sides),
        "align": asked if asked in ALIGNMENTS else "first_frame",
        "alignments": ALIGNMENTS.items(),
        "rows": compared(*numbers),
        "compare_data": {
            "sides": {side["name"]: side["data"] for side in sides},
            "figures": [figure._asdict() for figure in FIGURES],
            "server_now_ms": now_ms,
        },
    }
    return render(request, "compare/compare.html", context)


def named(workspace: Workspace, text: str) -> MediaSession | None:
    """The session of this number or media_session_id; None for no name, 404 for one that is not there."""
    if not text:
        return None
    row = found(workspace, text).first()
    if row is None:
        raise Http404(f"No media session {shortened(text)}")
    return row


def found(workspace: Workspace, text: str) -> QuerySet[MediaSession]:
    rows = MediaSession.objects.filter(workspace=workspace).select_related("input").order_by("-id")
    if text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= LARGEST_ID:
        numbered = rows.filter(pk=int(text))
        if numbered.exists():
            return numbered
    return rows.filter(session_key=key128(text))


def side_of(name: str, row: MediaSession, workspace: Workspace, now_ms: int) -> dict[str, Any]:
    """One session with everything the page says and draws of it."""
    timeline = timeline_of(row, workspace, When(now_ms))
    now = settled(row, timeline, usual_startups(row, workspace))
    session = session_json(row, timeline.state, numbers=now.values)
    return {
        "name": name,
        "letter": name.upper(),
        "session": session,
        "title": session_words.title_of(session),
        "subtitle": session_words.subtitle_of(session),
        "findings": by_time(now.findings),
        "data": {
            "session": session,
            "timeline": {"version": row.version, **timeline.to_json()},
            "events": events_of_page(timeline, EVENTS_IN_PAGE),
        },
    }


@dataclass(frozen=True)
class Offer:
    """Some sessions to choose from, and why these."""

    heading: str
    rows: list[Any]


def choose(request: HttpRequest, workspace: Workspace, a: MediaSession | None, b: MediaSession | None) -> HttpResponse:
    """The page on which the missing session is chosen."""
    known, asked = a or b, request.GET.get("q", "").strip()
    offers = [Offer(f"Found for “{asked}”", searched(workspace, asked))] if asked else []
    if known is not None and may(request, Action.SEARCH_VIEWERS):
        offers.append(Offer("Of the same viewer", of_viewer(workspace, known)))
    if known is not None and known.content_id is not None:
        offers.append(Offer("Of the same title", newest(workspace, known, content_id=known.content_id)))
    offers.append(Offer("Newest sessions", newest(workspace, known)))
    context = {
        "known": known,
        "known_side": "a" if a else "b",
        "missing_side": "b" if a else "a",
        "title": (known.content_title or known.content_id or "Untitled session") if known else "",
        "asked": asked,
        "offers": offers,
    }
    return render(request, "compare/choose.html", context)


def searched(workspace: Workspace, text: str) -> list[Any]:
    """By number or media_session_id, else by title among the newest."""
    if "\0" in text:
        return []
    exact = in_words(found(workspace, text)[:OFFERED])
    if exact:
        return exact
    sessions = MediaSession.objects.filter(workspace=workspace).order_by("-id")
    recent = sessions.values("pk")[:SEARCHED]
    titled = sessions.filter(pk__in=recent, content_title__icontains=text).select_related("input")
    return in_words(titled[:OFFERED])


def newest(workspace: Workspace, known: MediaSession | None, **of: Any) -> list[Any]:
    rows = MediaSession.objects.filter(workspace=workspace, **of).select_related("input").order_by("-id")
    return in_words((rows.exclude(pk=known.pk) if known else rows)[:OFFERED])


def of_viewer(workspace: Workspace, known: MediaSession) -> list[Any]:
    """The newest other sessions that any mpid or device of this one was seen on."""
    mine = SessionIdentity.objects.filter(session=known, identity__type__in=("mpid", "mp_deviceid"))
    seen = SessionIdentity.objects.filter(identity__in=mine.values("identity")).exclude(session=known)
    ids = seen.order_by("-session_id").values_list("session_id", flat=True).distinct()[:OFFERED]
    rows = MediaSession.objects.filter(workspace=workspace, pk__in=list(ids))
    return in_words(rows.select_related("input").order_by("-id"))


def in_words(rows: Iterable[MediaSession]) -> list[Any]:
    return [row_words(row_json(row)) for row in rows]


urlpatterns: list[URLPattern] = [path("compare/", compare, name="compare")]
