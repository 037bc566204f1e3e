"""Exports from the asking to the file: ask, run what is due, cancel, take away what has expired.

The row is the work order: `run_due` claims one by lease on the database's clock, so a Celery message only wakes
somebody. A worker that dies leaves a lease that runs out; after three tries the row fails and says what to do.
"""

import datetime as dt
import errno
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg.errors import QueryCanceled

from sessions_app.exports import files
from sessions_app.exports.estimate import estimate
from sessions_app.exports.query import checked_format, wanted
from sessions_app.models import Export, ExportSchedule, Workspace
from sessions_app.models.clock import database_now

LEASE_S = 30
TOLD_EVERY_S = 1.0
MOST_ATTEMPTS = 3

CLAIM = """
UPDATE sessions_app_export SET status = 'running', owner = %(owner)s, attempts = attempts + 1, rows_done = 0,
    started_at = now(), lease_until = now() + make_interval(secs => %(lease_s)s)
WHERE id = (
    SELECT id FROM sessions_app_export
    WHERE status = 'queued' OR (status = 'running' AND lease_until < now())
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


class ExportBlockedError(ValueError):
    """This file cannot be made; the words say what to change."""


class Stopped(Exception):  # noqa: N818
    """Somebody cancelled the export, or another worker has it."""


def ask(
    workspace: Workspace,
    dataset: str,
    form: str,
    raw_options: dict[str, Any],
    *,
    name: str = "",
    by: str,
    schedule: ExportSchedule | None = None,
) -> Export:
    """Put an export on the list; OptionError or ExportBlockedError when it cannot be made."""
    asked = wanted(workspace.pk, dataset, raw_options)
    expected = estimate(asked, checked_format(form))
    if expected["blocked"]:
        raise ExportBlockedError(expected["blocked"])
    words = {"name": name, "by": by, "schedule": schedule, "rows_total": expected["rows"]}
    return _put(workspace, dataset, form, asked.options.to_json(), **words)


def ask_again(export: Export, by: str) -> Export:
    """The same file once more, of the same period to the millisecond; refused as `ask` refuses."""
    return ask(export.workspace, export.dataset, export.format, export.options, name=export.name, by=by)


def refused(workspace: Workspace, dataset: str, form: str, options: dict[str, Any], **words: Any) -> Export:
    """A failed row in place of a file that nobody is there to be told about: a schedule's."""
    why = words.pop("why")
    return _put(workspace, dataset, form, options, status="failed", error=why, finished_at=database_now(), **words)


def cancel(export: Export) -> bool:
    """Whether it was still to be stopped; a running worker notices within seconds."""
    waiting = Export.objects.filter(pk=export.pk, status__in=("queued", "running"))
    return waiting.update(status="cancelled", finished_at=database_now()) == 1


def run_due(owner: str = "") -> int:
    """Make every file that is due; how many were taken in hand."""
    owner, taken = owner or secrets.token_hex(8), 0
    while (export := _claim(owner)) is not None:
        taken += 1
        _make(export)
    return taken


def expire_due() -> int:
    """Take away files whose time is over."""
    over = Export.objects.filter(status="done", expires_at__lte=database_now())
    for export in over:
        path_of(export).unlink(missing_ok=True)
    return over.update(status="expired", file_name="")


def path_of(export: Export) -> Path:
    return Path(settings.EXPORT_FOLDER) / export.file_name


def download_name(export: Export) -> str:
    """A file name that nothing from outside has a part in."""
    return f"mediadash-{export.dataset}-{export.pk}.{export.format}"


def _put(workspace: Workspace, dataset: str, form: str, options: dict[str, Any], **words: Any) -> Export:
    now, name = database_now(), words.pop("name", "")
    return Export.objects.create(
        workspace=workspace,
        name=name[:200] or f"{dataset} {now:%Y-%m-%d %H:%M}",
        dataset=dataset,
        format=form,
        options=options,
        requested_by=words.pop("by"),
        requested_at=now,
        **words,
    )


def _claim(owner: str) -> Export | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"owner": owner, "lease_s": LEASE_S})
        row = cursor.fetchone()
    return Export.objects.get(pk=row[0]) if row else None


def _make(export: Export) -> None:
    if export.attempts > MOST_ATTEMPTS:
        _fail(export, "The worker stopped three times while making this file. Shorten the period and ask again.")
        return
    folder = Path(settings.EXPORT_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    # The name cannot be guessed, and no two tries write to one file.
    made = folder / f"{export.pk}-{secrets.token_hex(8)}.{export.format}"
    try:
        _write(export, made)
    except Stopped:
        made.unlink(missing_ok=True)
    except Exception as problem:  # noqa: BLE001 whatever it was, the person who asked must read what to do
        made.unlink(missing_ok=True)
        _fail(export, reason_of(problem))


def _write(export: Export, made: Path) -> None:
    asked = wanted(export.workspace_id, export.dataset, export.options)
    rows = files.write(made, export.format, asked, _progress_of(export))
    now = database_now()
    kept = Export.objects.filter(pk=export.pk, status="running", owner=export.owner).update(
        status="done",
        rows_done=rows,
        rows_total=rows,
        bytes=made.stat().st_size,
        file_name=made.name,
        finished_at=now,
        expires_at=now + dt.timedelta(hours=settings.EXPORT_KEEP_HOURS),
        error="",
        lease_until=None,
    )
    if not kept:
        raise Stopped


def _progress_of(export: Export) -> Callable[[int], None]:
    """Tells the row how far the file is and keeps the lease; stops the writing when the row is no longer ours."""
    told_at = time.monotonic()

    def progress(rows: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < TOLD_EVERY_S:
            return
        told_at = time.monotonic()
        mine = Export.objects.filter(pk=export.pk, status="running", owner=export.owner)
        if not mine.update(rows_done=rows, lease_until=database_now() + dt.timedelta(seconds=LEASE_S)):
            raise Stopped

    return progress


def _fail(export: Export, words: str) -> None:
    Export.objects.filter(pk=export.pk, owner=export.owner, status="running").update(
        status="failed", error=words, finished_at=database_now(), lease_until=None
    )


def reason_of(problem: Exception) -> str:
    """What went wrong and what to do next, in words for the person who asked."""
    if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
        return "The disk is full. Ask ops to free some space, then ask for the file again."
    if isinstance(problem, QueryCanceled):
        return "This took longer than a file may take. Shorten the period, or ask for fewer columns."
    if isinstance(problem, ValueError):
        return f"The options no longer fit: {problem}"
    return (
        f"Something failed ({type(problem).__name__}). Ask again; if it fails once more, tell ops the export's number."
    )
