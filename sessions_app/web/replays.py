"""Replays: ask for one on a session's page, watch it begin, stop it.

Asked for in the workspace the session is in; watched in its sandbox, whose link appears as soon as the first event has
gone through the door. Both workspaces show the same list.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from sessions_app.models import MediaSession, Replay, Workspace
from sessions_app.models.clock import database_now
from sessions_app.models.replays import ReplayState
from sessions_app.replays import orders
from sessions_app.viewers.roles import Action
from sessions_app.web.access import page, workspace_of

SHOWN = 50


@page(Action.REPLAY_SESSION)
@require_safe
def replays(request: HttpRequest) -> HttpResponse:
    return render(request, "replays/replays.html", listed(request))


@page(Action.REPLAY_SESSION)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The list as it stands, drawn: asked every second while something runs or has not begun."""
    context = listed(request)
    drawn = render(request, "replays/_list.html", context).content.decode()
    return JsonResponse({"list": drawn, "is_busy": context["is_busy"]})


@page(Action.REPLAY_SESSION)
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Play this session again; 404 for one of another workspace."""
    workspace = workspace_of(request)
    session = get_object_or_404(MediaSession, pk=pk, workspace=workspace)
    asked = request.POST.get("speed", "1")
    speed = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else 0
    try:
        replay = orders.ask(workspace, session, speed, request.user.get_username())
    except orders.ReplayRefusedError as error:
        messages.error(request, str(error))
        return redirect("session", pk=session.pk)
    return redirect(f"{reverse('replays')}?{urlencode({'new': replay.pk})}")


@page(Action.REPLAY_SESSION)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    replay = Replay.objects.filter(pk=pk, workspace__in=of_both(workspace_of(request))).first()
    if replay is None:
        raise Http404
    if orders.stop(replay):
        messages.info(request, "The replay was stopped. What was played so far stays in the sandbox.")
    return redirect("replays")


def of_both(workspace: Workspace) -> list[int]:
    """The workspace and, in a sandbox, the one whose sessions are played there."""
    return [pk for pk in (workspace.pk, workspace.sandbox_of_id) if pk is not None]


def listed(request: HttpRequest) -> dict[str, Any]:
    """Newest first; the one just asked for stands out until its session is there."""
    found = Replay.objects.filter(workspace__in=of_both(workspace_of(request)))
    rows = list(found.select_related("workspace", "input__workspace").order_by("-id")[:SHOWN])
    sources = MediaSession.objects.in_bulk([row.session_id for row in rows])
    became = played(rows)
    now_ms = round(database_now().timestamp() * 1000)
    shown = [words(row, sources.get(row.session_id), became.get(str(row.session_key)), now_ms) for row in rows]
    new = next((one for one in shown if str(one["replay"].pk) == request.GET.get("new")), None)
    is_busy = any(one["is_running"] for one in shown)
    return {"replays": shown, "new": new, "is_busy": is_busy}


def played(rows: list[Replay]) -> dict[str, MediaSession]:
    """The sessions the replays have become, by session key."""
    keys, feeds = {row.session_key for row in rows}, {row.input_id for row in rows}
    found = MediaSession.objects.filter(session_key__in=keys, input__in=feeds)
    return {str(session.session_key): session for session in found}


def words(replay: Replay, source: MediaSession | None, session: MediaSession | None, now_ms: int) -> dict[str, Any]:
    since_ms = now_ms - round(replay.started_at.timestamp() * 1000)
    length_ms = (source.last_at_ms - source.started_at_ms) // replay.speed if source else None
    return {
        "replay": replay,
        "title": (source.content_title or source.content_id or "Untitled session") if source else "Session gone",
        "source_link": _link("session", source, replay.workspace) if source else "",
        "session": session,
        "link": _link("session", session, replay.input.workspace) if session else "",
        "is_running": replay.state == ReplayState.RUNNING,
        "part": replay.position / replay.total,
        "length_ms": length_ms,
        "left_ms": max(0, length_ms - since_ms) if length_ms is not None else None,
    }


def _link(name: str, session: MediaSession, workspace: Workspace) -> str:
    """A session's page, in the workspace it belongs to."""
    return f"{reverse(name, args=[session.pk])}?{urlencode({'workspace': workspace.slug})}"


urlpatterns: list[URLPattern] = [
    path("replays/", replays, name="replays"),
    path("replays/progress/", progress, name="replays-progress"),
    path("replays/<int:pk>/stop/", stop, name="replay-stop"),
    path("sessions/<int:pk>/replay/", begin, name="session-replay"),
]
