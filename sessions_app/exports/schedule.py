"""Exports made again and again: each covers the hour, day or week that has just ended in the workspace's time zone."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from sessions_app.exports import build
from sessions_app.exports.query import OptionError, checked_format, dataset_named, parsed
from sessions_app.models import ExportSchedule, Workspace

EVERY = ("hourly", "daily", "weekly")


def plan(
    workspace: Workspace,
    dataset: str,
    form: str,
    raw_options: dict[str, Any],
    *,
    name: str,
    every: str,
    by: str,
    now: dt.datetime,
) -> ExportSchedule:
    """A new schedule; its first file comes when the period under way has ended."""
    if every not in EVERY:
        raise OptionError("every", f"Choose one of: {', '.join(EVERY)}.")
    chosen = dataset_named(dataset)
    options = {name: value for name, value in raw_options.items() if name not in ("from_ms", "to_ms")}
    return ExportSchedule.objects.create(
        workspace=workspace,
        name=name[:200] or f"{every} {dataset}",
        dataset=dataset,
        format=checked_format(form),
        options=parsed(chosen, options).to_json(),
        every=every,
        created_by=by,
        next_at=next_start(every, zone_of(workspace), now),
    )


def run_due(now: dt.datetime) -> int:
    """Ask for the files of every schedule that is due; a schedule that slept asks once, for the last period."""
    with transaction.atomic():
        due = ExportSchedule.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            is_on=True, next_at__lte=now
        )
        schedules = list(due.select_related("workspace"))
        for schedule in schedules:
            _ask(schedule, now)
    return len(schedules)


def period_start(every: str, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    """When the period under way began."""
    local = now.astimezone(zone)
    if every == "hourly":
        return now.replace(minute=0, second=0, microsecond=0)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight - dt.timedelta(days=midnight.weekday()) if every == "weekly" else midnight


def next_start(every: str, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    """When the next period begins; days are as long as the zone has them."""
    start = period_start(every, zone, now)
    return (
        start + {"hourly": dt.timedelta(hours=1), "daily": dt.timedelta(days=1), "weekly": dt.timedelta(days=7)}[every]
    )


def zone_of(workspace: Workspace) -> ZoneInfo:
    try:
        return ZoneInfo(workspace.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _ask(schedule: ExportSchedule, now: dt.datetime) -> None:
    zone = zone_of(schedule.workspace)
    end = period_start(schedule.every, zone, now)
    start = period_start(schedule.every, zone, end - dt.timedelta(minutes=1))
    period = {"from_ms": _ms(start), "to_ms": _ms(end)}
    name, by = f"{schedule.name} {start:%Y-%m-%d %H:%M}", f"schedule {schedule.name}"
    options = {**schedule.options, **period}
    what = (schedule.workspace, schedule.dataset, schedule.format, options)
    try:
        build.ask(*what, name=name, by=by, schedule=schedule)
    except ValueError as problem:
        build.refused(*what, name=name, by=by, schedule=schedule, why=str(problem))
    schedule.next_at = next_start(schedule.every, zone, now)
    schedule.save(update_fields=["next_at"])


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)
