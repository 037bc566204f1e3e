"""First run: what to send, that we listen, and what was refused and why, until the first session arrives."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from sessions_app.models import IngestCount, Input, MediaSession, RefusedRequest, Workspace
from sessions_app.models.workspaces import Platform
from sessions_app.templatetags.figures import iso
from sessions_app.viewers.roles import Action
from sessions_app.web.access import may, page, workspace_of

REFUSED_SHOWN = 5
REFUSED_FOR = dt.timedelta(minutes=30)


@page()
@require_safe
def listening(request: HttpRequest) -> HttpResponse:
    """The page; it asks `state` every two seconds and becomes the board on the first session."""
    workspace = workspace_of(request)
    if has_sessions(workspace):
        return redirect("live")
    inputs = list(Input.objects.filter(workspace=workspace, revoked_at=None).order_by("id"))
    context = {
        "inputs": inputs,
        "input": inputs[0] if inputs else None,
        "web_input": next((one for one in inputs if one.platform == Platform.WEB), None),
        "base_url": settings.PUBLIC_URL,
        "host": settings.PUBLIC_URL.split("://", 1)[1],
        "is_plain": settings.PUBLIC_URL.startswith("http://"),
        "can_manage": may(request, Action.MANAGE_INPUTS),
        "listening_since": timezone.now(),
        "state": _state(request, workspace),
    }
    return render(request, "first_run/listening.html", context)


@page()
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """What changed since: JSON for the page's script."""
    return JsonResponse(_state(request, workspace_of(request)))


def has_sessions(workspace: Workspace) -> bool:
    return MediaSession.objects.filter(workspace=workspace).exists()


def _state(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    counts = IngestCount.objects.filter(input__workspace=workspace)
    totals = counts.aggregate(received=Sum("received"), stored=Sum("stored"), quarantined=Sum("quarantined"))
    return {
        "board_url": reverse("live") if has_sessions(workspace) else None,
        "received": totals["received"] or 0,
        "stored": totals["stored"] or 0,
        "quarantined": totals["quarantined"] or 0,
        "refused": [_refusal(row) for row in _refused(request, workspace)[:REFUSED_SHOWN]],
    }


def _refused(request: HttpRequest, workspace: Workspace) -> QuerySet[RefusedRequest]:
    """Refusals of our own inputs; those with a key nobody knows are shown to who may make keys."""
    whose = Q(input__workspace=workspace)
    if may(request, Action.MANAGE_INPUTS):
        whose |= Q(input=None)
    since = timezone.now() - REFUSED_FOR
    return RefusedRequest.objects.filter(whose, minute__gte=since).select_related("input").order_by("-minute", "-id")


def _refusal(row: RefusedRequest) -> dict[str, Any]:
    return {
        "id": row.pk,
        "minute": iso(row.minute),
        "status": row.status,
        "code": row.code,
        "reason": row.reason,
        "times": row.times,
        "input": row.input.name if row.input else None,
    }
