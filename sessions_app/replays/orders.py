"""Replays as work orders: ask for one, stop it, take those that are due by lease, note how far they are.

Every step names the owner it was taken by and looks at the count: a replay that was stopped, or that another worker
took over, is left alone. Leases and due times are the database's.
"""

import datetime as dt
import secrets

from django.db import connection, transaction

from sessions_app.keys import key128
from sessions_app.models import MediaSession, Replay, Workspace
from sessions_app.models.clock import database_now
from sessions_app.models.replays import ReplayState
from sessions_app.replays.sandbox import input_for

SPEEDS = (1, 2, 5, 10, 30, 60)
RUNNING_AT_ONCE = 10
LEASE_S = 30
MOST_TRIES = 12
LONGEST_WAIT_S = 30

CLAIM = """
UPDATE sessions_app_replay SET owner = %(owner)s, lease_until = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE id = (
    SELECT id FROM sessions_app_replay
    WHERE state = 'running' AND next_at <= statement_timestamp()
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


class ReplayRefusedError(ValueError):
    """This session cannot be played again now; the words say why."""


@transaction.atomic
def ask(workspace: Workspace, session: MediaSession, speed: int, by: str) -> Replay:
    """Put a replay of what is stored of this session so far on the list."""
    # One after the other in a workspace: two who ask at once make one sandbox, and count each other.
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    if speed not in SPEEDS:
        raise ReplayRefusedError(f"A replay runs at {', '.join(f'{one}×' for one in SPEEDS)}.")
    if Replay.objects.filter(workspace=workspace, state=ReplayState.RUNNING).count() >= RUNNING_AT_ONCE:
        raise ReplayRefusedError(f"{RUNNING_AT_ONCE} replays are running in this workspace. Stop one first.")
    total = session.events.filter(session_day=session.session_day, seq__lte=session.last_seq).count()
    if not total:
        raise ReplayRefusedError("The events of this session are no longer kept.")
    name, now = f"replay-{secrets.token_hex(12)}", database_now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # events are timed in whole milliseconds
    return Replay.objects.create(
        workspace=workspace,
        session=session,
        input=input_for(workspace),
        media_session_id=name,
        session_key=key128(name),
        speed=speed,
        last_seq=session.last_seq,
        total=total,
        requested_by=by,
        started_at=now,
        next_at=now,
    )


def stop(replay: Replay) -> bool:
    """Whether it was still running. What was played so far stays."""
    running = Replay.objects.filter(pk=replay.pk, state=ReplayState.RUNNING)
    return running.update(state=ReplayState.STOPPED, finished_at=database_now()) == 1


def claim(owner: str) -> Replay | None:
    """One replay with something due, ours for LEASE_S."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"owner": owner, "lease": LEASE_S})
        row = cursor.fetchone()
    return None if row is None else Replay.objects.select_related("input").get(pk=row[0])


def moved_on(replay: Replay, position: int) -> bool:
    """Note what the door has taken; False when the replay is no longer ours to play."""
    lease = database_now() + dt.timedelta(seconds=LEASE_S)
    return _ours(replay, position=position, tries=0, last_error="", lease_until=lease)


def rest(replay: Replay, next_at: dt.datetime) -> bool:
    """Nothing is due before then."""
    return _ours(replay, next_at=next_at, owner="", lease_until=None)


def failed_once(replay: Replay, error: str) -> bool:
    """The door did not take it: again later, and after MOST_TRIES not at all."""
    tries = replay.tries + 1
    if tries >= MOST_TRIES:
        return finish(replay, ReplayState.FAILED, error)
    wait = dt.timedelta(seconds=min(LONGEST_WAIT_S, 2**tries))
    return _ours(replay, tries=tries, last_error=error, next_at=database_now() + wait, owner="", lease_until=None)


def finish(replay: Replay, state: ReplayState, error: str = "") -> bool:
    return _ours(replay, state=state, last_error=error, finished_at=database_now(), owner="", lease_until=None)


def _ours(replay: Replay, **columns: object) -> bool:
    """Change the row while it runs and is held by us."""
    held = Replay.objects.filter(pk=replay.pk, owner=replay.owner, state=ReplayState.RUNNING)
    return held.update(**columns) == 1
