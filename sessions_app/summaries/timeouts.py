"""Ends sessions that fell silent: the rule is the timeline's (`close_if_due`), the clock the database's.

A session is closed as its kept state says, dated back to its last evidence, and put on the settle list. A later event
takes it up again; nothing is lost by closing.
"""

from django.db import connection, transaction

from sessions_app.models import MediaSession
from sessions_app.models.clock import database_now
from sessions_app.models.history import events_of
from sessions_app.models.rules import rules_for
from sessions_app.summaries import due
from sessions_app.timeline.rules import FOLD_VERSION, Rules, mark_of
from sessions_app.timeline.session import State, close_if_due, replay

# (workspace, session, version): what the live pages are told.
Change = tuple[int, int, int]

AT_ONCE = 500

SILENT = """
SELECT id FROM sessions_app_mediasession WHERE live AND closes_at_ms <= %s
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
FIELDS = ("state", "live", "ended_reason", "closes_at_ms", "last_at_ms", "version", "fold_version", "fold")


def close_silent() -> list[Change]:
    """Close what is due, up to AT_ONCE sessions; returns what changed, to be announced after the commit."""
    with transaction.atomic():
        now_ms = round(database_now().timestamp() * 1000)
        with connection.cursor() as cursor:
            cursor.execute(SILENT, [now_ms, AT_ONCE])
            ids = [row[0] for row in cursor.fetchall()]
        sessions = list(MediaSession.objects.filter(pk__in=ids).select_related("workspace").order_by("pk"))
        changed = [session for session in sessions if close(session, now_ms)]
        MediaSession.objects.bulk_update(changed, FIELDS)
        due.put((session.pk for session in changed if not session.live), "timed_out")
    return [(session.workspace_id, session.pk, session.version) for session in changed]


def close(session: MediaSession, now_ms: int) -> bool:
    """Bring the row to its state as of now; False when there was nothing to change."""
    rules = rules_for(session.workspace.error_names)
    state = close_if_due(kept_state(session, rules), now_ms, rules)
    if state.live and state.closes_at_ms == session.closes_at_ms:
        return False
    session.state, session.live, session.ended_reason = state.state, state.live, state.ended_reason
    session.closes_at_ms, session.last_at_ms = state.closes_at_ms, state.last_at_ms
    session.fold, session.fold_version = state.encode(), FOLD_VERSION
    session.version += 1
    return True


def kept_state(session: MediaSession, rules: Rules) -> State:
    if session.fold and session.fold_version == FOLD_VERSION:
        state = State.decode(bytes(session.fold))
        if state.folded_by == mark_of(rules):
            return state
    return replay(events_of(session), rules)
