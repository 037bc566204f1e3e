"""Search, and the page of one viewer: a masked card, an audited reveal, their sessions by day and hour."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sessions_app.api.sessions import device_offset_ms
from sessions_app.keys import key128
from sessions_app.live.frames import row_json
from sessions_app.models import Identity, MediaSession, SessionSummary, Workspace
from sessions_app.summaries.series import Range, totals
from sessions_app.viewers.audit import Actor
from sessions_app.viewers.identities import card, identity_of, sessions_of
from sessions_app.viewers.lookup import SHORTEST_END, Found, SearchLimitError
from sessions_app.viewers.lookup import search as find_viewers
from sessions_app.viewers.privacy import ReasonError, Revealed, reveals_of, still_revealed
from sessions_app.viewers.privacy import reveal as reveal_viewer
from sessions_app.viewers.roles import Action
from sessions_app.web.access import may, page, workspace_of
from sessions_app.web.board_words import ROUGH_REBUFFER_RATIO
from sessions_app.web.viewer_days import CHOICES, Days, days_asked

TITLES_FOUND = 10
SHORTEST_TITLE = 3
SESSIONS_SHOWN = 200
THIRTY_DAYS_MS = 30 * 86_400_000


@dataclass(frozen=True)
class Visit:
    """One session of the viewer as the list and the grid show it."""

    session: MediaSession
    row: dict[str, Any]
    values: dict[str, Any]

    @property
    def is_rough(self) -> bool:
        return bool(self.error_count or self.rebuffer_percent)

    @property
    def error_count(self) -> int:
        return int(self.values.get("error_count") or self.row["health"]["error_count"])

    @property
    def rebuffer_percent(self) -> float | None:
        """Only past one per cent: below it nobody noticed."""
        ratio = self.values.get("rebuffer_ratio")
        return ratio * 100 if ratio and ratio > ROUGH_REBUFFER_RATIO else None

    @property
    def content_time_ms(self) -> int | None:
        return self.values.get("content_time_ms")

    @property
    def coverage(self) -> float | None:
        return self.values.get("coverage")


@page(Action.SEE_SESSION)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Sessions by their whole id, titles by a part; viewers only for support, masked and recorded."""
    workspace, text = workspace_of(request), request.GET.get("q", "").strip()[:200]
    context: dict[str, Any] = {"q": text, "shortest": SHORTEST_END}
    if text:
        key = key128(text)
        context["sessions"] = MediaSession.objects.filter(workspace=workspace, session_key=key).order_by("-id")[:20]
        context["titles"] = titles_like(workspace, text)
    status = 200
    if may(request, Action.SEARCH_VIEWERS) and text:
        try:
            context["found"] = find_viewers(workspace, text, Actor.of(request.user), timezone.now())
        except SearchLimitError:
            context["is_limited"], status = True, 429
    if _only_session(context):
        return redirect("session", context["sessions"][0].pk)
    return render(request, "viewers/search.html", context, status=status)


def titles_like(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    """Titles whose name holds the words, the most recently seen first."""
    if len(text) < SHORTEST_TITLE:
        return []
    named = MediaSession.objects.filter(workspace=workspace, content_title__icontains=text).order_by("-id")[:500]
    seen: dict[str, dict[str, Any]] = {}
    for content_id, content_title in named.values_list("content_id", "content_title"):
        if content_id:
            seen.setdefault(content_id, {"content_id": content_id, "content_title": content_title})
    return list(seen.values())[:TITLES_FOUND]


def _only_session(context: dict[str, Any]) -> bool:
    found: Found | None = context.get("found")
    return len(context.get("sessions", ())) == 1 and not (found and found.results)


@page(Action.SEARCH_VIEWERS)
@require_safe
def viewer(request: HttpRequest, ref: str) -> HttpResponse:
    """One viewer. What is shown in the clear has been written down before."""
    now = timezone.now()
    identity = _identity(request, ref)
    revealed = None if request.GET.get("hide") else still_revealed(identity, Actor.of(request.user), now)
    return _viewer_page(request, identity, revealed, now)


@page(Action.SEE_PII)
@require_POST
def reveal(request: HttpRequest, ref: str) -> HttpResponse:
    """Five minutes in the clear, for a reason, recorded first."""
    now = timezone.now()
    identity = _identity(request, ref)
    try:
        reveal_viewer(identity, Actor.of(request.user), request.POST.get("reason", ""), now)
    except ReasonError as error:
        return _viewer_page(request, identity, None, now, reason_error=str(error))
    messages.info(request, "Revealed. This was recorded in the audit log.")
    return redirect(f"{reverse('viewer', args=[ref])}?{days_asked(request.GET, now.date()).query}")


def _identity(request: HttpRequest, ref: str) -> Identity:
    identity = identity_of(workspace_of(request), ref)
    if identity is None:
        raise Http404
    return identity


def _viewer_page(
    request: HttpRequest, identity: Identity, revealed: Revealed | None, now: dt.datetime, reason_error: str = ""
) -> HttpResponse:
    days = days_asked(request.GET, now.date())
    visits = visits_of(identity, days)
    offset_ms = zone_offset_ms(identity)
    only_rough = request.GET.get("show") == "problems"
    context = {
        "identity": identity,
        "card": card(identity, now),
        "everybody": everybody(workspace_of(request), now),
        "revealed": revealed,
        "reveals": reveals_of(identity),
        "can_reveal": may(request, Action.SEE_PII),
        "reason_error": reason_error,
        "days": days,
        "day_choices": CHOICES,
        "today": now.date(),
        # What was typed stays to be put right.
        "days_given": request.GET if days.error else {"from": str(days.first), "to": str(days.last)},
        "offset_ms": offset_ms,
        "visits": [visit for visit in visits if visit.is_rough or not only_rough],
        "visit_count": len(visits),
        "is_cut": len(visits) == SESSIONS_SHOWN,
        "only_rough": only_rough,
        "content_time_ms": sum(visit.values.get("content_time_ms") or 0 for visit in visits),
        "history": {
            "from_ms": days.from_ms,
            "to_ms": days.to_ms,
            "now_ms": int(now.timestamp() * 1000),
            "offset_ms": offset_ms,
            "visits": [_bar(one) for one in visits],
        },
        "live": False,
    }
    return render(request, "viewers/viewer.html", context, status=422 if reason_error or days.error else 200)


def everybody(workspace: Workspace, now: dt.datetime) -> dict[str, float | None]:
    """What the viewer's figures are held against: everybody's of the same 30 days, out of the rollups of days."""
    now_ms = int(now.timestamp() * 1000)
    found = totals(Range(workspace, now_ms - THIRTY_DAYS_MS, now_ms), "day")
    ads = found["ad_completion"]
    return {"rebuffer_ratio": found["rebuffer_ratio"], "ad_completion": ads["n"] / ads["of"] if ads["of"] else None}


def zone_offset_ms(identity: Identity) -> int | None:
    """How far the viewer's clock is ahead of UTC, by the device of their newest session, if that says so."""
    newest = sessions_of(identity).first()
    return device_offset_ms(newest) if newest else None


def visits_of(identity: Identity, days: Days) -> list[Visit]:
    """The viewer's sessions that began on these days, newest first, with their settled numbers: two queries."""
    began = sessions_of(identity).filter(started_at_ms__gte=days.from_ms)
    if not days.is_until_now:
        began = began.filter(started_at_ms__lt=days.to_ms)
    sessions = list(began[:SESSIONS_SHOWN])
    settled = SessionSummary.objects.filter(session_id__in=[one.pk for one in sessions], is_latest=True)
    values = dict(settled.values_list("session_id", "values"))
    visits = [Visit(one, row_json(one), values.get(one.pk, {})) for one in sessions]
    return sorted(visits, key=lambda visit: visit.row["started_at_ms"], reverse=True)


def _bar(visit: Visit) -> dict[str, Any]:
    """What the grid draws of a visit."""
    row = visit.row
    return {
        "id": row["id"],
        "start_ms": row["started_at_ms"],
        "end_ms": row["last_at_ms"],
        "live": row["live"],
        "is_buffered": visit.rebuffer_percent is not None,
        "is_error": visit.error_count > 0,
        "content_time_ms": visit.values.get("content_time_ms"),
        "strip": row["strip"],
        "errors": row["errors"],
    }
