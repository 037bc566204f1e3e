"""What the search field proposes while somebody types: titles and sessions, never people.

Looking for people is recorded and limited, so it happens once, on Enter (viewers.search). What is proposed comes from
the newest sessions only: a keystroke must not read a whole table.
"""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from sessions_app.keys import key128
from sessions_app.models import MediaSession, Workspace
from sessions_app.viewers.roles import Action
from sessions_app.web.access import page, workspace_of

SHORTEST = 3
NEWEST = 5_000
TITLES, SESSIONS = 5, 4


@page(Action.SEE_SESSION)
@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """{"results": [{"kind", "words", "under", "url"}]}, titles first."""
    text = request.GET.get("q", "").strip()[:200]
    results = proposed(workspace_of(request), text) if len(text) >= SHORTEST and "\0" not in text else []
    return JsonResponse({"results": results})


def proposed(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    """Titles whose name holds the words, sessions whose id begins with them; a whole id is found however old."""
    sessions = MediaSession.objects.filter(workspace=workspace)
    newest = sessions.order_by("-id").values("pk")[:NEWEST]
    wanted = Q(pk__in=newest) & (Q(content_title__icontains=text) | Q(media_session_id__istartswith=text))
    fields = ("pk", "media_session_id", "content_id", "content_title", "live")
    rows = list(sessions.filter(wanted).order_by("-id").values(*fields)[:200])
    if not rows:
        rows = list(sessions.filter(session_key=key128(text)).order_by("-id").values(*fields)[:SESSIONS])
    return [*_titles(rows, text), *_sessions(rows, text)]


def _titles(rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["content_id"] and text.casefold() in (row["content_title"] or "").casefold():
            url = reverse("title", args=[row["content_id"]])
            words = {"kind": "title", "words": row["content_title"], "under": row["content_id"], "url": url}
            named.setdefault(row["content_id"], words)
    return list(named.values())[:TITLES]


def _sessions(rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    found = [row for row in rows if row["media_session_id"].casefold().startswith(text.casefold())]
    return [
        {
            "kind": "session",
            "words": row["media_session_id"],
            "under": f"{row['content_title'] or 'untitled'} · {'live' if row['live'] else 'over'}",
            "url": reverse("session", args=[row["pk"]]),
        }
        for row in found[:SESSIONS]
    ]
