"""Keeps the rollups true: a session's old share is taken out, its new one put in, both in the settle's transaction.

Nothing is scanned: what a session put in stands beside it (`RollupShare`). Rows are added to by the database in one
order of keys, so that two workers wait for one another at most. `rebuilt` computes the same from nothing but shares:
what tests compare with.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from sessions_app.models import MediaSession, RollupShare
from sessions_app.summaries.shares import Share, Sums, days_of

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

ADD = """
INSERT INTO sessions_app_{table} (workspace_id, {when}, input_id, platform, content_id, sums)
SELECT delta.workspace_id, delta.at, delta.input_id, delta.platform, delta.content_id, delta.sums
FROM json_to_recordset(%s::json) AS delta (
    workspace_id bigint, at {type}, input_id bigint, platform text, content_id text, sums jsonb)
ON CONFLICT (workspace_id, {when}, input_id, platform, content_id) DO UPDATE SET sums = (
    SELECT coalesce(jsonb_object_agg(name, total), '{{}}'::jsonb) FROM (
        SELECT name, sum(amount::bigint) AS total FROM (
            SELECT * FROM jsonb_each_text(sessions_app_{table}.sums)
            UNION ALL SELECT * FROM jsonb_each_text(excluded.sums)) AS entry (name, amount)
        GROUP BY name HAVING sum(amount::bigint) <> 0) AS summed)
"""
ADD_MINUTES = ADD.format(table="minuterollup", when="minute", type="timestamptz")
ADD_DAYS = ADD.format(table="dayrollup", when="day", type="date")
EMPTY = "DELETE FROM sessions_app_{table} WHERE workspace_id = ANY(%s) AND {when} = ANY(%s) AND sums = '{{}}'::jsonb"
EMPTY_MINUTES = EMPTY.format(table="minuterollup", when="minute")
EMPTY_DAYS = EMPTY.format(table="dayrollup", when="day")
KEEP = """
INSERT INTO sessions_app_rollupshare (session_id, workspace_id, input_id, platform, content_id, share)
SELECT session_id, workspace_id, input_id, platform, content_id, share
FROM json_to_recordset(%s::json) AS kept (
    session_id bigint, workspace_id bigint, input_id bigint, platform text, content_id text, share jsonb)
ON CONFLICT (session_id) DO UPDATE SET workspace_id = excluded.workspace_id, input_id = excluded.input_id,
    platform = excluded.platform, content_id = excluded.content_id, share = excluded.share
"""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, order=True)
class Key:
    """What a rollup row is about, apart from its time."""

    workspace_id: int
    input_id: int
    platform: str
    content_id: str


Deltas = dict[tuple[Key, int], Sums]


def key_of(session: MediaSession) -> Key:
    return Key(session.workspace_id, session.input_id, session.platform, session.content_id or "")


def replace_shares(shares: Mapping[MediaSession, Share]) -> None:
    """Take these sessions' old shares out of the rollups and put the new ones in."""
    minutes, days = taken_out([session.pk for session in shares])
    for session, share in shares.items():
        apply(minutes, days, key_of(session), share, 1)
    add_up(minutes, days)
    keep(shares)


def take_out(sessions: Sequence[int]) -> int:
    """These sessions are erased: the rollups become what they would be without them. How many were in them."""
    # Locked, so that none is being settled meanwhile.
    list(MediaSession.objects.select_for_update().filter(pk__in=sessions).order_by("pk").values_list("pk"))
    add_up(*taken_out(sessions))
    return RollupShare.objects.filter(session__in=sessions).delete()[0]


def taken_out(sessions: Sequence[int]) -> tuple[Deltas, Deltas]:
    """What the rollups lose without the shares of these sessions."""
    minutes: Deltas = defaultdict(lambda: defaultdict(int))
    days: Deltas = defaultdict(lambda: defaultdict(int))
    for old in RollupShare.objects.filter(session__in=sessions):
        key = Key(old.workspace_id, old.input_id, old.platform, old.content_id)
        apply(minutes, days, key, {int(minute): sums for minute, sums in old.share.items()}, -1)
    return minutes, days


def add_up(minutes: Deltas, days: Deltas) -> None:
    add(ADD_MINUTES, EMPTY_MINUTES, minutes, lambda minute: EPOCH + dt.timedelta(minutes=minute))
    add(ADD_DAYS, EMPTY_DAYS, days, lambda day: (EPOCH + dt.timedelta(days=day)).date())


def apply(minutes: Deltas, days: Deltas, key: Key, share: Share, sign: int) -> None:
    for deltas, part in ((minutes, share), (days, days_of(share))):
        for at, sums in part.items():
            for name, amount in sums.items():
                deltas[key, at][name] += sign * amount


def add(statement: str, clean: str, deltas: Deltas, moment: Any) -> None:
    rows, emptied = [], set()
    for (key, at), sums in sorted(deltas.items(), key=lambda item: item[0]):
        changed = {name: amount for name, amount in sums.items() if amount}
        if not changed:
            continue
        if min(changed.values()) < 0:
            emptied.add((key.workspace_id, moment(at)))
        rows.append({**vars(key), "at": moment(at).isoformat(), "sums": changed})
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, [_encode(rows).decode()])
        if emptied:
            workspaces, moments = zip(*emptied, strict=True)
            cursor.execute(clean, [list(set(workspaces)), list(set(moments))])


def keep(shares: Mapping[MediaSession, Share]) -> None:
    kept = [{"session_id": session.pk, **vars(key_of(session)), "share": share} for session, share in shares.items()]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [_encode(kept).decode()])


def rebuilt(shares: Iterable[tuple[Key, Share]]) -> tuple[Deltas, Deltas]:
    """(minutes, days) as they must be if these are all the shares there are."""
    minutes: Deltas = defaultdict(lambda: defaultdict(int))
    days: Deltas = defaultdict(lambda: defaultdict(int))
    for key, share in shares:
        apply(minutes, days, key, share, 1)
    return minutes, days
