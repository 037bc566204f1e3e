"""Forwarding: how each destination stands, what it took, what was given up and why; retry and discard."""

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sessions_app.forwarding import letters
from sessions_app.forwarding.overview import standings
from sessions_app.models import Destination, Workspace
from sessions_app.templatetags.figures import iso
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.roles import Action
from sessions_app.web.access import may, page, workspace_of
from sessions_app.web.dead_letters import (
    LetterGroup,
    letter_groups,
    letters_in,
    reason_words,
    sample_of,
    with_kinds,
)
from sessions_app.web.forwarding_numbers import (
    DELAY_SAMPLE,
    RANGES,
    Range,
    input_sums,
    receive_delays,
    stored_by_minute,
    total,
    traffic,
)
from sessions_app.web.quality_numbers import waiting
from sessions_app.web.steps import row_number

# Retried or discarded with one click; the rest with the next.
AT_ONCE = 10_000


@page(Action.SEE_FORWARDING)
@require_safe
def forwarding(request: HttpRequest) -> HttpResponse:
    workspace, now, span = workspace_of(request), timezone.now(), _span(request)
    groups = with_kinds(letter_groups(workspace))
    chosen = next((group for group in groups if group.key == request.GET.get("group")), None)
    chosen = chosen or (groups[0] if groups else None)
    rows = destination_rows(workspace, span, now)
    context = {
        **_input_figures(workspace, span, now),
        "span": span,
        "ranges": RANGES.values(),
        "rows": rows,
        "sent_per_minute": sum(row["sent_per_minute"] for row in rows),
        "oldest_ms": max((row["oldest_ms"] or 0 for row in rows), default=0),
        "charts": charts(rows, span, now),
        "groups": groups,
        "letter_count": sum(group.events for group in groups),
        "quarantine_count": waiting(workspace).count(),
        "group": chosen,
        "sample": sample_of(chosen, row_number(request.GET.get("letter"))) if chosen else None,
        "kept_days": settings.RAW_RETENTION_DAYS,
        "can_control": may(request, Action.CONTROL_FORWARDING),
    }
    return render(request, "forwarding/forwarding.html", context)


@page(Action.SEE_FORWARDING)
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """The destinations as they stand now: the page asks every five seconds."""
    workspace, now, span = workspace_of(request), timezone.now(), _span(request)
    rows = destination_rows(workspace, span, now)
    fragment = render(request, "forwarding/_destinations.html", {"rows": rows, "can_control": _can_control(request)})
    return JsonResponse(
        {"as_of": iso(now), "destinations": fragment.content.decode(), "charts": charts(rows, span, now)}
    )


@page(Action.CONTROL_FORWARDING)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause: rows go on being written, nothing is sent. Resume: everything that waits goes, in order."""
    workspace = workspace_of(request)
    destination = get_object_or_404(Destination, pk=pk, workspace=workspace)
    wants_pause = request.POST.get("do") == "pause"
    with transaction.atomic():
        (letters.pause if wants_pause else letters.resume)(destination)
        _record(request, workspace, "pause destination" if wants_pause else "resume destination", destination)
    words = "is paused. Its events wait." if wants_pause else "is sent to again."
    messages.info(request, f"{destination.name} {words}")
    return redirect("forwarding")


@page(Action.CONTROL_FORWARDING)
@require_POST
def act_on_dead_letters(request: HttpRequest) -> HttpResponse:
    """Retry or discard whole groups. Discarding asks for the number of events, typed."""
    workspace = workspace_of(request)
    keys = set(request.POST.getlist("group"))
    groups = [group for group in letter_groups(workspace) if group.key in keys]
    events = sum(group.events for group in groups)
    if not groups:
        messages.error(request, "Choose a group first.")
    elif request.POST.get("do") == "retry":
        count = sum(_act(request, workspace, group, letters.retry, "retry") for group in groups)
        messages.info(request, f"Sent again: {counted(count, 'batch', 'batches')} with {counted(events, 'event')}.")
    elif request.POST.get("count", "").strip() != str(events):
        messages.error(request, f"Nothing was discarded: the number to confirm is {events}.")
    else:
        count = sum(_act(request, workspace, group, letters.discard, "discard") for group in groups)
        messages.info(request, f"Discarded: {counted(count, 'batch', 'batches')}. Their events stay in their sessions.")
    return redirect("forwarding")


def destination_rows(workspace: Workspace, span: Range, now: dt.datetime) -> list[dict[str, Any]]:
    """Each destination with where it stands and what it took."""
    standing = [one for one in standings(workspace) if one.destination.is_on or one.due or one.dead]
    flows = traffic([one.destination.pk for one in standing], span, now)
    minutes = span.back.total_seconds() / 60
    return [
        {
            "standing": one,
            "destination": one.destination,
            "traffic": flows[one.destination.pk],
            "circuit": circuit_of(one.destination),
            "error": error_words(one.destination.last_error),
            "queue": one.due + one.sending,
            # Something waits, and no worker or no open way is there for it.
            "is_held_up": one.is_stuck or (one.due > 0 and circuit_of(one.destination)["kind"] == "open"),
            "oldest_ms": None if one.oldest_due_s is None else one.oldest_due_s * 1000,
            "sent_per_minute": flows[one.destination.pk].sent_total / minutes,
        }
        for one in standing
    ]


def error_words(last_error: str) -> str:
    """503: Service Unavailable"""
    status = re.match(r"answered (\d{3})", last_error)
    words = reason_words(last_error)
    return ": ".join(filter(None, [status[1], words])) if status else words


def circuit_of(destination: Destination) -> dict[str, str]:
    """The circuit in a word, an icon and a sentence."""
    if destination.held_reason == "paused":
        return {"kind": "paused", "icon": "pause", "word": "Paused", "hint": "events wait"}
    if destination.held_reason:
        hint = destination.held_reason.replace("_", " ") + ", nothing is sent"
        return {"kind": "open", "icon": "lock", "word": "Held", "hint": hint}
    until = f"{destination.not_before:%H:%M:%S}" if destination.not_before else "soon"
    return {
        "open": {"kind": "open", "icon": "circuit", "word": "Open", "hint": f"next try {until}"},
        "half_open": {"kind": "half_open", "icon": "refresh", "word": "Half open", "hint": "testing one batch"},
    }.get(
        destination.circuit,
        {"kind": "closed", "icon": "circuit-ok", "word": "Closed", "hint": "sending"},
    )


def charts(rows: list[dict[str, Any]], span: Range, now: dt.datetime) -> dict[str, Any]:
    """What the chart draws, by destination; shaded from `_open_since_ms` on."""
    since_ms, step_ms = int((now - span.back).timestamp() * 1000), int(span.step.total_seconds() * 1000)
    return {
        str(row["destination"].pk): {
            "name": row["destination"].name,
            "since_ms": since_ms,
            "step_ms": step_ms,
            "sent": [count * 60_000 / step_ms for count in row["traffic"].sent],
            "p50": row["traffic"].p50,
            "p95": row["traffic"].p95,
            "open_since_ms": _open_since_ms(row, since_ms),
        }
        for row in rows
    }


def _open_since_ms(row: dict[str, Any], since_ms: int) -> int | None:
    if row["circuit"]["kind"] != "open":
        return None
    # Where nothing was accepted at all, it was not since the first try: before that nothing was asked.
    since = row["traffic"].last_success_at or row["traffic"].first_try_at
    return int(since.timestamp() * 1000) if since else since_ms


def _input_figures(workspace: Workspace, span: Range, now: dt.datetime) -> dict[str, Any]:
    rows = input_sums(workspace, now - span.back)
    received, stored = total(rows, "received"), total(rows, "stored")
    delays, by_minute = receive_delays(workspace, now - span.back), stored_by_minute(workspace, now)
    for row in rows:
        row["delay_ms"] = delays.get(row["input_id"])
        row["by_minute"] = by_minute[row["input_id"]]
        row["lowest"], row["highest"] = min(row["by_minute"]), max(row["by_minute"])
        row["late_ratio"] = row["late_sum"] / row["stored_sum"] if row["stored_sum"] else None
        row["stored_per_minute"] = row["stored_sum"] / (span.back.total_seconds() / 60)
    worst = max((row for row in rows if row["late_ratio"]), key=lambda row: row["late_ratio"], default=None)
    return {
        "inputs": rows,
        "delay_sample": DELAY_SAMPLE,
        "worst_input": worst,
        "accepted_per_minute": stored / (span.back.total_seconds() / 60),
        "accepted": stored,
        "quarantined": total(rows, "quarantined"),
        "quarantined_ratio": total(rows, "quarantined") / received if received else None,
        "duplicates": total(rows, "duplicate"),
        "late_ratio": total(rows, "late") / stored if stored else None,
        "skew_ratio": total(rows, "clock_corrected") / stored if stored else None,
    }


def counted(count: int, noun: str, plural: str = "") -> str:
    """1 batch · 2,041 events"""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def _act(request: HttpRequest, workspace: Workspace, group: LetterGroup, act: Any, word: str) -> int:
    with transaction.atomic():
        ids = list(letters_in(group).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        destination = Destination.objects.get(pk=group.destination_id, workspace=workspace)
        count = int(act(destination, ids))
        _record(request, workspace, f"{word} dead letters", destination, f"{count}: {group.reason}"[:500])
    return count


def _record(request: HttpRequest, workspace: Workspace, what: str, target: Destination, reason: str = "") -> None:
    actor = Actor.of(request.user)
    record(workspace, actor, what, f"destination {target.pk}", timezone.now(), reason=reason)


def _can_control(request: HttpRequest) -> bool:
    return may(request, Action.CONTROL_FORWARDING)


def _span(request: HttpRequest) -> Range:
    return RANGES.get(request.GET.get("range", ""), RANGES["1h"])
