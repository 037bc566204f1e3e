"""Data quality: where every event went, what is in quarantine and why, what kind of feed each input is."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sessions_app.api.feeds import clients, feeds
from sessions_app.ingest.replay import DUPLICATE, QUARANTINED, STORED, NotReplayableError, replay_quarantined
from sessions_app.models import Quarantined, Workspace
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.roles import Action
from sessions_app.web.access import may, page, workspace_of
from sessions_app.web.dead_letters import dead_events
from sessions_app.web.forwarding_numbers import RANGES, Range, input_sums, total
from sessions_app.web.payloads import marked_lines
from sessions_app.web.quality_numbers import QuarantineGroup, in_group_of, quarantine_groups, refusals, waiting
from sessions_app.web.steps import row_number, steps_at

# Replayed in one request; the rest with the next click.
REPLAYED_AT_ONCE = 200
REVOKED = "revoked"
# How a replay ended, after its number.
SAID = {
    STORED: "stored",
    DUPLICATE: "known already",
    QUARANTINED: "still in quarantine",
    REVOKED: "not tried, their input is revoked",
}
# What each code means and what can be done, in words.
ADVICE = {
    "INVALID_JSON": "The body is not JSON. Look at the client that sent it; a replay will fail again.",
    "INVALID_ENCODING": "The body is not UTF-8. Look at the client that sent it; a replay will fail again.",
    "INVALID_GZIP": "The body was cut off or damaged on its way. A replay will fail again.",
    "INVALID_BATCH": "The body is JSON, but no batch of events. A replay will fail again.",
    "INVALID_EVENT": "The event is not shaped as the Events API says. A replay will fail again.",
    "INVALID_TIMESTAMP": "The time can’t be read. A replay will fail again until the client is corrected.",
    "INVALID_NUMBER": "A number can’t be read. A replay will fail again until the client is corrected.",
    "INVALID_TEXT": "The text holds what can’t be stored. A replay will fail again.",
    "TOO_DEEP": "It nests deeper than anybody could mean. A replay will fail again.",
    "CONFLICT": "An event with this id was stored with other content. The first one stands.",
    "UNSTORABLE": "Our own fault: see the log, correct it, then replay.",
    "UNREADABLE": "Our own fault: see the log, correct it, then replay.",
}


@page(Action.SEE_QUARANTINE_COUNTS)
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    return _quality_page(request)


@page(Action.SEE_QUARANTINE_RAW)
@require_POST
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, for support: recorded in the transaction that reads them."""
    workspace = workspace_of(request)
    with transaction.atomic():
        held = get_object_or_404(Quarantined, pk=pk, input__workspace=workspace)
        reason = " ".join(request.POST.get("reason", "").split())[:500]
        if len(reason) < 5:
            return _quality_page(request, held, status=422, sample_error="Say why, in a few words.")
        subject = f"quarantined {held.pk}"
        record(workspace, Actor.of(request.user), "read quarantined", subject, timezone.now(), reason=reason)
    raw = bytes(held.raw).decode("utf-8", "backslashreplace")
    lines = marked_lines(raw, pointer=held.pointer)
    return _quality_page(request, held, lines=lines)


@page(Action.REPLAY_QUARANTINE)
@require_POST
def act_on_quarantine(request: HttpRequest) -> HttpResponse:
    """Replay runs the bytes through today's rules; discard forgets them, when their number is confirmed."""
    workspace = workspace_of(request)
    samples = [row_number(key) or 0 for key in request.POST.getlist("group")]
    chosen = Quarantined.objects.filter(pk__in=samples, input__workspace=workspace)
    pks = sorted({pk for one in chosen for pk in in_group_of(workspace, one).values_list("pk", flat=True)})
    if not pks:
        messages.error(request, "Choose a group first.")
    elif request.POST.get("do") == "replay":
        _note(request, workspace, "replay quarantined", len(pks))
        messages.info(request, _replay(pks))
    elif request.POST.get("count", "").strip() != str(len(pks)):
        messages.error(request, f"Nothing was discarded: the number to confirm is {len(pks)}.")
    else:
        with transaction.atomic():
            _note(request, workspace, "discard quarantined", len(pks))
            Quarantined.objects.filter(pk__in=pks).update(discarded_at=timezone.now())
        messages.info(request, f"{len(pks)} were discarded.")
    return redirect("quality")


def _replay(pks: list[int]) -> str:
    outcomes = Counter(_replay_one(pk) for pk in pks[:REPLAYED_AT_ONCE])
    said = ", ".join(f"{count} {SAID[word]}" for word, count in sorted(outcomes.items()))
    left = len(pks) - REPLAYED_AT_ONCE
    return f"Replayed: {said}." + (f" {left} are left, replay again." if left > 0 else "")


def _replay_one(pk: int) -> str:
    try:
        return replay_quarantined(pk).outcome
    except NotReplayableError:
        return REVOKED


def _note(request: HttpRequest, workspace: Workspace, what: str, count: int) -> None:
    record(workspace, Actor.of(request.user), what, f"{count} quarantined", timezone.now())


def _quality_page(
    request: HttpRequest, shown: Quarantined | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    workspace, now = workspace_of(request), timezone.now()
    span = RANGES.get(request.GET.get("range", ""), RANGES["24h"])
    groups = quarantine_groups(workspace)
    shown = shown or _asked(request, workspace) or _newest(groups)
    context = {
        "span": span,
        "ranges": RANGES.values(),
        "inputs": accounts(workspace, span, now),
        "groups": groups,
        "group": next((group for group in groups if shown and group.holds(shown)), None),
        "shown": shown,
        "steps": steps_at(in_group_of(workspace, shown), shown.pk) if shown else None,
        "advice": ADVICE.get(shown.code, "Replay runs it through today’s rules.") if shown else "",
        "quarantine_count": sum(group.kinds for group in groups),
        "letter_count": dead_events(workspace),
        "refusals": refusals(workspace, now - span.back),
        "clients": clients(workspace),
        "feeds": feeds(workspace, now - dt.timedelta(days=1)),
        "can_replay": may(request, Action.REPLAY_QUARANTINE),
        "can_read": may(request, Action.SEE_QUARANTINE_RAW),
        **more,
    }
    return render(request, "quality/quality.html", context, status=status)


def _asked(request: HttpRequest, workspace: Workspace) -> Quarantined | None:
    """The row an address names, without its bytes; none when it was replayed or discarded meanwhile."""
    pk = row_number(request.GET.get("group"))
    return waiting(workspace).select_related("input").defer("raw").filter(pk=pk).first() if pk else None


def _newest(groups: list[QuarantineGroup]) -> Quarantined | None:
    """The sample of the newest group, without its bytes."""
    rows = Quarantined.objects.select_related("input").defer("raw")
    return rows.filter(pk=groups[0].sample).first() if groups else None


def accounts(workspace: Workspace, span: Range, now: dt.datetime) -> dict[str, Any]:
    """received = stored + duplicate + quarantined + refused, for each input and together."""
    rows = input_sums(workspace, now - span.back)
    names = ("received", "stored", "duplicate", "quarantined", "refused", "ignored", "late", "clock_corrected")
    together = {f"{name}_sum": total(rows, name) for name in names}
    for row in [*rows, together]:
        row["unaccounted"] = row["received_sum"] - sum(_terms(row))
    return {"rows": rows, "together": together}


def _terms(row: dict[str, Any]) -> Iterable[int]:
    return (row[f"{name}_sum"] for name in ("stored", "duplicate", "quarantined", "refused"))
