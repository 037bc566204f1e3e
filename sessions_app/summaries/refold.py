"""Folds stored sessions again after a rule changed: what would change (`preview`), and doing it (`refold`).

`refold` brings the session rows to the new fold and puts them on the settle list; the worker then makes a revision
of those whose numbers changed, and only of those, with the reason "rules changed".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from sessions_app.models import MediaSession
from sessions_app.models.clock import database_now
from sessions_app.models.history import events_of_sessions
from sessions_app.models.rules import rules_for
from sessions_app.summaries import due
from sessions_app.summaries.revision import changes, compared_of, settled
from sessions_app.summaries.settle import Stored
from sessions_app.timeline.rules import FOLD_VERSION
from sessions_app.timeline.session import close_if_due, replay
from sessions_app.timeline.spans import build

AT_ONCE = 200
FIELDS = (
    "content_id", "content_title", "content_type", "stream_type", "content_duration_ms", "state", "live",
    "ended_reason", "started_at_ms", "last_at_ms", "closes_at_ms",
)  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """A settled session whose numbers would change."""

    session: MediaSession
    changes: list[dict[str, Any]]


def in_batches(sessions: QuerySet[MediaSession]) -> Iterator[list[MediaSession]]:
    """By id, so that a batch is found where the last one ended."""
    after = 0
    while batch := list(sessions.filter(pk__gt=after).select_related("workspace").order_by("pk")[:AT_ONCE]):
        yield batch
        after = batch[-1].pk


def preview(batch: list[MediaSession]) -> list[Preview]:
    """What settling them again would change. Reads only."""
    now_ms = round(database_now().timestamp() * 1000)
    events, stored = events_of_sessions(batch), Stored(session.pk for session in batch)
    found = []
    for session in batch:
        latest = stored.latest.get(session.pk)
        timeline = build(events[session.pk], rules_for(session.workspace.error_names), now_ms)
        if latest is None or timeline.state.live or not timeline.events:
            continue
        before = compared_of(latest, stored.ads.get(session.pk, []), stored.segments.get(session.pk, []))
        if differing := changes(before, settled(session, timeline).compared()):
            found.append(Preview(session, differing))
    return found


def refold(batch: list[MediaSession]) -> list[tuple[int, int, int]]:
    """Fold them again and put the ended ones on the settle list; returns (workspace, session, version) that changed."""
    with transaction.atomic():
        locked = MediaSession.objects.select_for_update(of=("self",)).select_related("workspace")
        sessions = list(locked.filter(pk__in=[session.pk for session in batch]).order_by("pk"))
        events = events_of_sessions(sessions)
        now_ms = round(database_now().timestamp() * 1000)
        changed = [session for session in sessions if fold_again(session, events[session.pk], now_ms)]
        MediaSession.objects.bulk_update(sessions, [*FIELDS, "fold", "fold_version", "version"])
        due.put((session.pk for session in sessions if not session.live), "refold")
    return [(session.workspace_id, session.pk, session.version) for session in changed]


def fold_again(session: MediaSession, events: list[Any], now_ms: int) -> bool:
    """Bring the row to today's fold of its events; True when a browser would see a difference."""
    if not events:
        # Its events are past their retention: what was settled stands.
        return False
    rules = rules_for(session.workspace.error_names)
    state = close_if_due(replay(events, rules), now_ms, rules)
    before = [getattr(session, name) for name in FIELDS]
    for name in FIELDS:
        setattr(session, name, getattr(state, name))
    session.fold, session.fold_version = state.encode(), FOLD_VERSION
    differs = before != [getattr(session, name) for name in FIELDS]
    session.version += differs
    return differs
