"""The session page: one media session, drawn once by the server and kept current by the browser.

Everything comes from one fold of the session's events, so the number of queries does not grow with them. With
`as_of_ms` or `known_at_ms` the page shows the session as it was, and stands still.
"""

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from rest_framework.exceptions import NotFound

from sessions_app.api.sessions import device_offset_ms
from sessions_app.api.stories import timeline_of
from sessions_app.keys import key128
from sessions_app.models import MediaSession, Workspace
from sessions_app.models.clock import database_now
from sessions_app.replays.orders import SPEEDS
from sessions_app.summaries.revision import settled
from sessions_app.summaries.usual import usual_startups, usual_startups_of_title
from sessions_app.timeline.spans import Timeline
from sessions_app.viewers.roles import Action
from sessions_app.web import session_words
from sessions_app.web.access import may, page, workspace_of
from sessions_app.web.look_back import LookBack, look_back, session_seen
from sessions_app.web.session_events import events_of_page, first_rows
from sessions_app.web.session_exports import MADE, export

# The first events come with the page, the rest follows in pages of the REST API.
EVENTS_IN_PAGE = 500
ROWS_DRAWN = 60
MOST_FINDINGS = 8
LARGEST_ID = 2**63 - 1


@page(Action.SEE_SESSION)
@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One session, by the number it has here; a number that is only a media_session_id is found as well."""
    workspace = workspace_of(request)
    found = (
        MediaSession.objects.filter(workspace=workspace, pk=pk).select_related("input") if pk <= LARGEST_ID else None
    )
    row = found.first() if found is not None else None
    if row is None:
        return by_media_session_id(request, str(pk))
    return render(request, "sessions/detail.html", context_of(request, workspace, row))


@page(Action.SEE_SESSION)
@require_safe
def by_media_session_id(request: HttpRequest, media_session_id: str) -> HttpResponseBase:
    """A link as players and people write it leads to the page, `?t=` and all."""
    keys = {key128(media_session_id), key128(media_session_id.rstrip("/"))}
    rows = MediaSession.objects.filter(workspace=workspace_of(request), session_key__in=keys).order_by("-id")
    row = rows.first()
    if row is None:
        raise Http404(f"No media session {shortened(media_session_id)}")
    query = f"?{urlencode(request.GET, doseq=True)}" if request.GET else ""
    response = redirect("session", pk=row.pk)
    response["Location"] += query
    return response


def shortened(media_session_id: str) -> str:
    return media_session_id if len(media_session_id) <= 20 else f"{media_session_id[:6]}…{media_session_id[-4:]}"


def context_of(request: HttpRequest, workspace: Workspace, row: MediaSession) -> dict[str, Any]:
    look = look_back(request)
    now_ms = int(database_now().timestamp() * 1000)
    try:
        timeline = timeline_of(row, workspace, look.when(now_ms))
    except NotFound as nothing_yet:
        raise Http404(str(nothing_yet.detail)) from nothing_yet
    usual, usual_of_title = usual_startups(row, workspace), usual_startups_of_title(row, workspace)
    now = settled(row, timeline, usual)
    shown = session_seen(row, timeline, look, now.values)
    lanes = {"version": row.version, **timeline.to_json()}
    return {
        "live": look.is_now,
        "look": look,
        "session": shown,
        "timeline": lanes,
        "events": events_of_page(timeline, EVENTS_IN_PAGE),
        "event_rows": first_rows(timeline, ROWS_DRAWN),
        "page_data": {
            **page_data(request, look, timeline),
            "device_offset_ms": device_offset_ms(row),
            "usual_startups": {
                "platform": usual and usual.to_json(),
                "title": usual_of_title and usual_of_title.to_json(),
            },
        },
        "title": session_words.title_of(shown),
        "subtitle": session_words.subtitle_of(shown),
        "content_words": session_words.content_words(shown),
        "short_id": shortened(shown["media_session_id"]),
        "findings": by_time(now.findings),
        "figures": session_words.figures_of(shown, lanes, timeline.now_ms, usual),
        "ads": with_breaks(lanes),
        "can_export": may(request, Action.EXPORT),
        "replay_speeds": SPEEDS if may(request, Action.REPLAY_SESSION) else (),
    }


def page_data(request: HttpRequest, look: LookBack, timeline: Timeline) -> dict[str, Any]:
    """What the script must know besides session, timeline and events."""
    return {
        "as_of_ms": look.as_of_ms,
        "known_at_ms": look.known_at_ms,
        "is_now": look.is_now,
        "server_now_ms": timeline.now_ms,
        "workspace": workspace_of(request).slug,
    }


def by_time(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first eight, which are the ones that matter, in the order they happened."""
    return sorted(findings[:MOST_FINDINGS], key=lambda finding: (finding["at_ms"] is None, finding["at_ms"]))


def with_breaks(lanes: dict[str, Any]) -> list[dict[str, Any]]:
    """Each ad with the title of the break it was in."""
    titles = {item["ad_break_id"]: item["ad_break_title"] or item["ad_break_id"] for item in lanes["ad_break"]}
    return [{**ad, "break_title": titles.get(ad["ad_break_id"])} for ad in lanes["ad"]]


urlpatterns: list[URLPattern] = [
    path("sessions/<int:pk>/", session, name="session"),
    *(path(f"sessions/<int:pk>/{name}", export, {"name": name}) for name in MADE),
    path("sessions/<path:media_session_id>", by_media_session_id, name="session-by-id"),
]
