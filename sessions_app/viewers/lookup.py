"""Finds a viewer by what a customer can read out or spell: the whole of any identity, the end of an mpid or device id.

Results are masked. Each search leaves an audit entry (without the words searched for), and one person may search
thirty times a minute: the search must not become a way to try addresses out.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q

from sessions_app.keys import erased_key, key128
from sessions_app.models import AuditEntry, Identity, SessionIdentity, Workspace
from sessions_app.viewers.audit import Actor, lock_audit, record
from sessions_app.viewers.identities import RECENT
from sessions_app.viewers.masking import ENDS_SHOWN, end_of, mask

SHORTEST_END = 4
MOST_RESULTS = 50
SEARCHES_A_MINUTE = 30


class SearchLimitError(Exception):
    """Somebody searched more often than people do."""

    wait_s = 60


@dataclass(frozen=True)
class Found:
    """Masked matches; `too_short` when the words could not be matched by their end."""

    results: list[dict[str, Any]]
    too_short: bool
    more: bool


def search(workspace: Workspace, text: str, actor: Actor, now: dt.datetime) -> Found:
    """Exact matches of any identity and end matches of mpids and device ids; audited in the same transaction."""
    text = text.strip()
    with transaction.atomic():
        _count_search(workspace, text, actor, now)
        matches = matching(workspace, text)
        return Found(
            results=_results(matches[:MOST_RESULTS], text, now),
            too_short=len(text) < SHORTEST_END,
            more=len(matches) > MOST_RESULTS,
        )


def matching(workspace: Workspace, text: str) -> list[Identity]:
    """Whole matches first, then by end; at most one more than are shown."""
    if not text or "\0" in text:
        return []
    keys = {key128(text), key128(text.lower())} if "@" in text else {key128(text)}
    whole = Q(value_key__in=keys)
    by_end = Q(value_end=end_of(text) or text, value__endswith=text, type__in=ENDS_SHOWN)
    query = whole | by_end if len(text) >= SHORTEST_END else whole
    found = Identity.objects.filter(query, workspace=workspace).order_by("-id")[: MOST_RESULTS + 1]
    return sorted(found, key=lambda identity: identity.value != text)


def _results(matches: list[Identity], text: str, now: dt.datetime) -> list[dict[str, Any]]:
    seen = _seen([identity.pk for identity in matches], now)
    devices = _devices([identity.pk for identity in matches])
    nothing = {"last": None, "live": 0, "recent": 0}
    return [
        {
            "viewer_ref": str(identity.pk),
            "match": identity.type,
            "masked": mask(identity.type, identity.value),
            "is_whole": identity.value.lower() == text.lower(),
            "last_seen_at": seen.get(identity.pk, nothing)["last"],
            "watching": seen.get(identity.pk, nothing)["live"] > 0,
            "sessions_30d": seen.get(identity.pk, nothing)["recent"],
            "devices": devices.get(identity.pk, []),
        }
        for identity in matches
    ]


def _seen(identity_ids: list[int], now: dt.datetime) -> dict[int, dict[str, Any]]:
    rows = (
        SessionIdentity.objects.filter(identity_id__in=identity_ids)
        .values("identity_id")
        .annotate(
            last=Max("session__last_received_at"),
            live=Count("pk", filter=Q(session__live=True)),
            recent=Count("pk", filter=Q(session__first_received_at__gte=now - RECENT)),
        )
    )
    return {row["identity_id"]: dict(row) for row in rows}


def _devices(identity_ids: list[int]) -> dict[int, list[str]]:
    names: dict[int, set[str]] = {}
    rows = SessionIdentity.objects.filter(identity_id__in=identity_ids)
    pairs = rows.values_list("identity_id", "session__device", "session__platform").distinct()
    for identity_id, device, platform in pairs:
        if device or platform:
            names.setdefault(identity_id, set()).add(device or platform)
    return {identity_id: sorted(found) for identity_id, found in names.items()}


def _count_search(workspace: Workspace, text: str, actor: Actor, now: dt.datetime) -> None:
    lock_audit(workspace)
    since = now - dt.timedelta(minutes=1)
    own = AuditEntry.objects.filter(workspace=workspace, actor=actor.name, action="search", at__gt=since)
    if own.count() >= SEARCHES_A_MINUTE:
        raise SearchLimitError
    # An HMAC tells equal searches apart from others without saying what was searched for.
    fingerprint = erased_key(settings.SECRET_KEY, workspace.pk, "search", text).hex()[:16]
    record(workspace, actor, "search", f"search {fingerprint}", now)
