"""Fold stored sessions again after a rule of the timeline changed: `manage.py refold --since 2026-11-01 --dry-run`."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime

from sessions_app.live import publish
from sessions_app.models import MediaSession
from sessions_app.summaries import refold

SHOWN_PER_SESSION = 6


class Command(BaseCommand):
    help = "Fold sessions again by today's rules; with --dry-run only report what would change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="sessions heard of since this day or moment (UTC); default: all")
        parser.add_argument("--workspace", help="slug of the one workspace to fold again")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, say what would")

    def handle(self, *args: Any, **options: Any) -> None:
        sessions = chosen(options["since"], options["workspace"])
        if options["dry_run"]:
            self.report(sessions)
            return
        folded = changed = 0
        for batch in refold.in_batches(sessions):
            changes = refold.refold(batch)
            publish.announce_sync(changes)
            folded, changed = folded + len(batch), changed + len(changes)
        self.stdout.write(f"{folded} sessions folded again, {changed} look different; the worker settles them.")

    def report(self, sessions: QuerySet[MediaSession]) -> None:
        looked_at, differing = 0, 0
        for batch in refold.in_batches(sessions):
            looked_at += len(batch)
            for found in refold.preview(batch):
                differing += 1
                self.stdout.write(f"session {found.session.pk} {found.session.media_session_id}")
                for change in found.changes[:SHOWN_PER_SESSION]:
                    self.stdout.write(f"  {change['field']}: {change['before']} → {change['after']}")
                if (more := len(found.changes) - SHOWN_PER_SESSION) > 0:
                    self.stdout.write(f"  and {more} more")
        self.stdout.write(f"{looked_at} sessions looked at, {differing} would get a new revision. Nothing was changed.")


def chosen(since: str | None, workspace: str | None) -> QuerySet[MediaSession]:
    sessions = MediaSession.objects.all()
    if workspace:
        sessions = sessions.filter(workspace__slug=workspace)
    if since:
        sessions = sessions.filter(last_received_at__gte=moment(since))
    return sessions


def moment(text: str) -> dt.datetime:
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)):
            found = dt.datetime.combine(day, dt.time())
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--since {text!r}: give a day (2026-11-01) or a moment (2026-11-01T12:00:00Z).")
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
