"""Exports: ask for a file with an estimate before it, watch it grow, fetch it; and files made again and again."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sessions_app.exports import build, schedule
from sessions_app.exports.columns import DATASETS, FORMATS
from sessions_app.exports.estimate import estimate as estimated
from sessions_app.exports.query import OptionError, checked_format, wanted
from sessions_app.models import Export, ExportSchedule, Input, Workspace
from sessions_app.templatetags.figures import FORMAT_TITLES, as_time, file_size, number
from sessions_app.timeline.sentences import PLATFORM_TITLES
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.roles import Action
from sessions_app.web.access import page, workspace_of
from sessions_app.web.words import length

SHOWN = 50
RUN_AGAIN = ("failed", "expired", "cancelled")
MIME = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMAT_NOTES = {
    "csv": "UTF-8, header row, formulas escaped",
    "jsonl": "one object per line",
    "xlsx": "at most 1,048,575 rows, one sheet",
}


@page(Action.EXPORT)
def exports(request: HttpRequest) -> HttpResponse:
    """The form and the lists; POST asks for a file or a schedule."""
    if request.method == "POST":
        return _ask(request)
    return _page(request, request.GET)


@page(Action.EXPORT)
@require_safe
def estimate(request: HttpRequest) -> HttpResponse:
    """What the file would be: asked 400 ms after the last change of the form."""
    try:
        asked = wanted(workspace_of(request).pk, request.GET.get("dataset", ""), options_of(request.GET))
        expected = estimated(asked, checked_format(request.GET.get("format", "")))
    except OptionError as error:
        return JsonResponse({"error": str(error), "field": error.field}, status=422)
    return JsonResponse({**expected, "words": estimate_words(expected)})


@page(Action.EXPORT)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The lists as they stand, drawn: asked every second while something runs."""
    context = _lists(request, workspace_of(request))
    lists = render(request, "exports/_lists.html", context).content.decode()
    return JsonResponse({"lists": lists, "is_busy": bool(context["running"])})


@page(Action.EXPORT)
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, once; every download is recorded."""
    workspace = workspace_of(request)
    export = get_object_or_404(Export, pk=pk, workspace=workspace, status="done")
    path = build.path_of(export)
    if not path.is_file():
        raise Http404
    with transaction.atomic():
        record(workspace, Actor.of(request.user), "download", f"export {export.pk}", timezone.now())
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=build.download_name(export),
        content_type=MIME.get(export.format, "application/octet-stream"),
    )


@page(Action.EXPORT)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    export = get_object_or_404(Export, pk=pk, workspace=workspace_of(request))
    stopped = build.cancel(export)
    messages.info(request, f"{export.name} was cancelled." if stopped else f"{export.name} was over already.")
    return redirect("exports")


@page(Action.EXPORT)
@require_POST
def run_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same file once more; one that cannot be made any longer comes back as the form, with the reason."""
    workspace = workspace_of(request)
    export = get_object_or_404(Export, pk=pk, workspace=workspace, status__in=RUN_AGAIN)
    try:
        with transaction.atomic():
            made = build.ask_again(export, request.user.get_username())
            record(workspace, Actor.of(request.user), "export", f"export {made.pk}", timezone.now())
    except (OptionError, build.ExportBlockedError) as error:
        return _page(request, QueryDict(asked_again(export)), error=str(error), field=getattr(error, "field", ""))
    messages.info(request, f"{export.name} is queued again.")
    return redirect("exports")


@page(Action.EXPORT)
@require_POST
def change_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume, remove."""
    planned = get_object_or_404(ExportSchedule, pk=pk, workspace=workspace_of(request))
    wish = request.POST.get("do", "")
    deed = {"remove": "remove_schedule", "pause": "stop_schedule", "resume": "start_schedule"}.get(wish)
    if deed:
        with transaction.atomic():
            _change(planned, wish)
            record(planned.workspace, Actor.of(request.user), deed, f"schedule {pk}", timezone.now())
    return redirect("exports")


def _change(planned: ExportSchedule, wish: str) -> None:
    if wish == "remove":
        planned.delete()
        return
    planned.is_on = wish == "resume"
    if planned.is_on:
        zone = schedule.zone_of(planned.workspace)
        planned.next_at = schedule.next_start(planned.every, zone, timezone.now())
    planned.save(update_fields=["is_on", "next_at"])


def options_of(query: QueryDict) -> dict[str, Any]:
    """The form's fields as the options of an export; days are UTC, the last one included."""
    columns = query.getlist("columns")
    return {
        "from_ms": day_ms("from", query.get("from", ""), 0),
        "to_ms": day_ms("to", query.get("to", ""), 1),
        "content_id": query.get("content_id", "").strip(),
        "platform": query.get("platform", ""),
        "input_id": query.get("input_id") or None,
        "columns": columns,
    }


def day_ms(field: str, text: str, days_on: int) -> int | None:
    if not text:
        return None
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC)
        return int((day + dt.timedelta(days=days_on)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise OptionError(field, "Give a date as YYYY-MM-DD.") from None


def estimate_words(expected: dict[str, Any]) -> dict[str, str]:
    """Three figures, each with the line below it."""
    exact = not expected["error"]
    return {
        "rows": ("" if exact else "≈ ") + number(expected["rows"]),
        "rows_hint": "rows" if exact else f"rows, ± {expected['error'] * 100:.0f} %",
        "bytes": f"≈ {file_size(expected['bytes'])}",
        "seconds": f"≈ {length(expected['seconds'] * 1000)}",
    }


def _ask(request: HttpRequest) -> HttpResponse:
    workspace, given = workspace_of(request), request.POST
    dataset, form, name = given.get("dataset", ""), given.get("format", ""), given.get("name", "").strip()
    every = given.get("every", "")
    by = request.user.get_username()
    try:
        options = options_of(given)
        if given.get("do") == "schedule":
            now = timezone.now()
            with transaction.atomic():
                plan = schedule.plan(workspace, dataset, form, options, name=name, every=every, by=by, now=now)
                record(workspace, Actor.of(request.user), "make_schedule", f"schedule {plan.pk}", now)
            said = "The schedule is set. Its first file comes when the period under way has ended."
        else:
            with transaction.atomic():
                made = build.ask(workspace, dataset, form, options, name=name, by=by)
                record(workspace, Actor.of(request.user), "export", f"export {made.pk}", timezone.now())
            said = "Export queued. You can leave this page."
    except (OptionError, build.ExportBlockedError) as error:
        return _page(request, given, error=str(error), field=getattr(error, "field", ""))
    messages.info(request, said)
    return redirect("exports")


def _page(request: HttpRequest, given: QueryDict, error: str = "", field: str = "") -> HttpResponse:
    workspace = workspace_of(request)
    dataset = DATASETS.get(given.get("dataset", ""), next(iter(DATASETS.values())))
    today = timezone.now().date()
    chosen = set(given.getlist("columns"))
    columns = [{"column": column, "is_chosen": column.name in chosen or not chosen} for column in dataset.columns]
    form = given.get("format", "") if given.get("format") in FORMATS else FORMATS[0]
    context = {
        **_lists(request, workspace),
        "datasets": DATASETS.values(),
        "dataset": dataset,
        "columns": columns,
        # What the script says again after each change stands there before it, so that the form keeps its height.
        "chosen_count": len([one for one in columns if one["is_chosen"]]),
        "format_note": FORMAT_NOTES[form],
        "formats": [(name, FORMAT_TITLES[name], FORMAT_NOTES[name]) for name in FORMATS],
        "platforms": PLATFORM_TITLES.items(),
        "format": form,
        "from": given.get("from", str(today - dt.timedelta(days=6))),
        "to": given.get("to", str(today)),
        "given": given,
        "inputs": Input.objects.filter(workspace=workspace).order_by("name"),
        "every_choices": schedule.EVERY,
        "keep_hours": settings.EXPORT_KEEP_HOURS,
        "error": error,
        "error_field": field,
    }
    return render(request, "exports/exports.html", context, status=422 if error else 200)


def _lists(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    """What runs, what is finished, what is planned: three queries."""
    newest = list(Export.objects.filter(workspace=workspace).order_by("-id")[:SHOWN])
    mine = request.GET.get("mine") == "1"
    me = request.user.get_username()
    last = next((one for one in newest if one.requested_by == me), None)
    return {
        "running": [_running(one) for one in newest if one.status in ("queued", "running")],
        "finished": [
            {"export": one, "again": again(one)}
            for one in newest
            if one.status not in ("queued", "running") and (not mine or one.requested_by == me)
        ],
        "last_again": again(last) if last else None,
        "mine": mine,
        "schedules": _schedules(workspace),
    }


def _schedules(workspace: Workspace) -> list[dict[str, Any]]:
    """Each with its newest run, in two queries whatever their number."""
    newest = Export.objects.filter(schedule=OuterRef("pk")).order_by("-id").values("pk")[:1]
    mine = ExportSchedule.objects.filter(workspace=workspace).order_by("name", "id")
    planned = [(one, one.run_id) for one in mine.annotate(run_id=Subquery(newest))]
    runs = Export.objects.in_bulk([run_id for _, run_id in planned if run_id])
    with_runs = [(one, runs.get(run_id)) for one, run_id in planned]
    return [{"schedule": one, "last_run": run, "took_ms": _took_ms(run)} for one, run in with_runs]


def _took_ms(run: Export | None) -> float | None:
    """How long the file was in the making, without the time it waited."""
    if run is None or run.started_at is None or run.finished_at is None:
        return None
    return (run.finished_at - run.started_at).total_seconds() * 1000


def again(export: Export) -> str:
    return f"{reverse('exports')}?{asked_again(export)}"


def asked_again(export: Export) -> str:
    """The form filled in as it was for this export, as a query; its period in whole days."""
    asked = export.options
    fields = {
        "dataset": export.dataset,
        "format": export.format,
        "from": _day(asked.get("from_ms"), 0),
        "to": _day(asked.get("to_ms"), -1),
        **{name: asked.get(name) for name in ("content_id", "platform", "input_id", "columns")},
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return urlencode(known, doseq=True)


def _day(at_ms: int | None, later_ms: int) -> str:
    """The day a period begins; of its end, which it leaves out, the last day in it."""
    at = as_time(None if at_ms is None else at_ms + later_ms)
    return f"{at:%Y-%m-%d}" if at else ""


def _running(export: Export) -> dict[str, Any]:
    """How far, how fast, how long still."""
    now, part, rate, left_ms = timezone.now(), None, None, None
    if export.rows_total:
        part = min(1.0, export.rows_done / export.rows_total)
    if export.started_at and export.rows_done:
        rate = export.rows_done / max(0.5, (now - export.started_at).total_seconds())
        left_ms = max(0, (export.rows_total or 0) - export.rows_done) / rate * 1000
    return {"export": export, "part": part, "rate": rate, "left_ms": left_ms}
