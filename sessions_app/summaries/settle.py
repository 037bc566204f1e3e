"""Settles sessions: claim, load, fold, compare, write a revision when something changed. Safe to repeat.

A batch of sessions shares one read and one transaction. Sessions are locked first, in one order, and only those that
are still as they were read are written: whatever came meanwhile settles them again. The transaction's end shows
all that follows: revisions, ads, segments, rollups, outward summaries, the list crossed off.
"""

import datetime as dt
import os
import socket
import time
import uuid
from collections.abc import Collection, Iterable
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from sessions_app.models import AdSummary, MediaSession, SegmentSummary, SessionSummary
from sessions_app.models.clock import database_now
from sessions_app.models.history import events_of_sessions
from sessions_app.models.rules import rules_for
from sessions_app.summaries import due
from sessions_app.summaries.outward import queue_outward
from sessions_app.summaries.revision import Settled, changes, compared_of, reason, settled
from sessions_app.summaries.rollup import replace_shares
from sessions_app.summaries.rows import insert, insert_items
from sessions_app.summaries.shares import Share, share_of
from sessions_app.summaries.usual import usual_startups
from sessions_app.timeline.rules import FOLD_VERSION
from sessions_app.timeline.spans import Timeline, build

log = structlog.get_logger(__name__)

RUN_S = 5.0
AT_ONCE = 100

LOCK = """
SELECT id, version FROM sessions_app_mediasession WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


class Work:
    """One session on its way through a batch."""

    def __init__(self, session: MediaSession, timeline: Timeline) -> None:
        self.session, self.timeline = session, timeline
        # A live session waits for its end; one whose events are past their retention stays as it was settled.
        is_over = bool(timeline.events) and not timeline.state.live
        self.after: Settled | None = None
        self.share: Share = {}
        if is_over:
            self.after = settled(session, timeline, usual_startups(session, session.workspace))
            self.share = share_of(timeline, self.after.values)
        self.before: SessionSummary | None = None
        self.changes: list[dict[str, Any]] = []

    def compare(self, stored: "Stored") -> bool:
        """Whether a new revision is due."""
        if self.after is None:
            return False
        self.before = stored.latest.get(self.session.pk)
        if self.before is None:
            return True
        ads, segments = stored.ads.get(self.session.pk, []), stored.segments.get(self.session.pk, [])
        self.changes = changes(compared_of(self.before, ads, segments), self.after.compared())
        return bool(self.changes)


class Stored:
    """The latest revisions of some sessions."""

    def __init__(self, sessions: Iterable[int]) -> None:
        latest = SessionSummary.objects.filter(session__in=list(sessions), is_latest=True)
        self.latest = {summary.session_id: summary for summary in latest}
        self.ads = grouped(AdSummary.objects.filter(session__in=list(self.latest)).order_by("number"))
        self.segments = grouped(SegmentSummary.objects.filter(session__in=list(self.latest)).order_by("number"))


def grouped(rows: Iterable[AdSummary | SegmentSummary]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.session_id, []).append(row.values)
    return found


def settle_due(run_s: float = RUN_S, at_once: int = AT_ONCE) -> int:
    """Settle what is due until nothing is or time is up; returns how many were taken in hand."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"[:64]
    until, taken = time.monotonic() + run_s, 0
    while time.monotonic() < until:
        claimed = due.claim(owner, at_once)
        if not claimed:
            break
        settle(owner, claimed)
        taken += len(claimed)
    return taken


def settle(owner: str, claimed: Collection[int]) -> None:
    """Settle these sessions, which we hold by lease."""
    sessions = list(MediaSession.objects.filter(pk__in=claimed).select_related("workspace").order_by("pk"))
    events = events_of_sessions(sessions)
    now_ms = round(database_now().timestamp() * 1000)
    works, errors = {}, {}
    for session in sessions:
        try:
            timeline = build(events[session.pk], rules_for(session.workspace.error_names), now_ms)
            works[session.pk] = Work(session, timeline)
        except Exception as error:
            log.exception("a session could not be settled", session=session.pk)
            errors[session.pk] = f"{type(error).__name__}: {error}"
    try:
        with transaction.atomic():
            finish(owner, claimed, works, errors)
    except DatabaseError as error:
        # One of them holds what the database refuses: each is tried alone, and only that one fails.
        log.exception("a batch of sessions could not be written", sessions=len(works))
        due.failed(owner, dict.fromkeys(claimed, f"{type(error).__name__}: {error}"))


def finish(owner: str, claimed: Collection[int], works: dict[int, Work], errors: dict[int, str]) -> None:
    """Write what is still ours and as it was read, and cross it off."""
    versions = locked_versions(works)
    ours = due.still_ours(owner, claimed) - errors.keys()
    unchanged = {pk for pk in ours & works.keys() if versions.get(pk) == works[pk].session.version}
    write(works[pk] for pk in sorted(unchanged))
    # Sessions that are gone have nothing to settle; those that moved on are settled as they are now.
    due.done(owner, ours - (versions.keys() - unchanged))
    due.put(ours & versions.keys() - unchanged, "late_data")
    due.failed(owner, errors)


def locked_versions(sessions: Iterable[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(sessions)])
        return dict(cursor.fetchall())


def write(works: Iterable[Work]) -> None:
    """Everything that follows from settled sessions. A live one (reopened meanwhile) waits for its end."""
    ended = [work for work in works if work.after is not None]
    stored = Stored(work.session.pk for work in ended)
    revised = [work for work in ended if work.compare(stored)]
    now = database_now()
    outdated = [work.before.pk for work in revised if work.before]
    SessionSummary.objects.filter(pk__in=outdated).update(is_latest=False)
    summaries = [revision_of(work, now) for work in revised]
    insert(summaries)
    ads = {work.session: work.after.ads for work in revised if work.after}
    insert_items(AdSummary, "ad_content_start_time", ads)
    segments = {work.session: work.after.segments for work in revised if work.after}
    insert_items(SegmentSummary, "segment_start_time", segments)
    replace_shares({work.session: work.share for work in ended})
    queue_outward(summaries, now)
    settled_now = MediaSession.objects.filter(pk__in=[work.session.pk for work in ended])
    settled_now.update(settled_version=F("version"))


def revision_of(work: Work, now: dt.datetime) -> SessionSummary:
    after, before, session = work.after, work.before, work.session
    assert after is not None
    return SessionSummary(
        session=session,
        workspace_id=session.workspace_id,
        revision=1 if before is None else before.revision + 1,
        session_version=session.version,
        fold_version=FOLD_VERSION,
        settled_at=now,
        started_at_ms=after.started_at_ms,
        ended_at_ms=after.ended_at_ms,
        ended_reason=after.ended_reason,
        values=after.values,
        client=after.client,
        reconciliation=after.reconciliation,
        reason=reason(after, before, work.timeline),
        changes=work.changes,
        findings=after.findings,
    )
