"""Who is behind an identity: the sessions it was seen on, and what else was seen there.

A viewer has no row of its own. Pages and the API refer to one by `viewer_ref`, the primary key of one of the
viewer's identities: it says nothing to a stranger. All identities of that identity's sessions are the viewer's, since
a login changes the mpid in the middle of a play and one viewer has many devices.
"""

import datetime as dt
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from sessions_app.models import Identity, MediaSession, SessionIdentity, SessionSummary, Workspace
from sessions_app.viewers.masking import mask

RECENT = dt.timedelta(days=30)
# Beyond this a page shows the newest; nobody reads more identities of one viewer.
MOST_IDENTITIES = 200
SUMS = (
    "watched_time_ms",
    "content_time_ms",
    "rebuffer_ms",
    "rebuffer_count",
    "error_count",
    "ad_count",
    "ad_completed_count",
)


def identity_of(workspace: Workspace, ref: str) -> Identity | None:
    """The identity a `viewer_ref` names in this workspace; None for everything else."""
    if not ref.isascii() or not ref.isdigit() or len(ref) > 18:
        return None
    return Identity.objects.filter(workspace=workspace, pk=int(ref)).first()


def sessions_of(identity: Identity) -> QuerySet[MediaSession]:
    """The sessions an identity was seen on, newest first."""
    seen = SessionIdentity.objects.filter(identity=identity).values("session_id")
    return (
        MediaSession.objects.filter(workspace_id=identity.workspace_id, pk__in=seen)
        .select_related("input")
        .order_by("-id")
    )


def identities_of(identity: Identity) -> list[Identity]:
    """Every identity of the same viewer, this one first."""
    sessions = SessionIdentity.objects.filter(identity=identity).values("session_id")
    others = (
        Identity.objects.filter(workspace_id=identity.workspace_id, sessions__session_id__in=sessions)
        .exclude(pk=identity.pk)
        .distinct()
        .order_by("type", "-first_seen_at")
    )
    return [identity, *others[: MOST_IDENTITIES - 1]]


def card(identity: Identity, now: dt.datetime) -> dict[str, Any]:
    """The viewer as anybody in support may see them before a reveal: everything masked."""
    sessions = sessions_of(identity)
    seen = sessions.aggregate(
        first=Min("first_received_at"),
        last=Max("last_received_at"),
        sessions=Count("pk"),
        live=Count("pk", filter=Q(live=True)),
    )
    return {
        "viewer_ref": str(identity.pk),
        "identities": [masked_json(other) for other in identities_of(identity)],
        "first_seen_at": seen["first"],
        "last_seen_at": seen["last"],
        "watching": seen["live"] > 0,
        "session_count": seen["sessions"],
        "devices": devices_of(sessions),
        "stats_30d": stats(sessions.filter(first_received_at__gte=now - RECENT)),
        "stats_all": stats(sessions),
    }


def masked_json(identity: Identity) -> dict[str, Any]:
    return {
        "id": str(identity.pk),
        "type": identity.type,
        "masked": mask(identity.type, identity.value),
        "first_seen_at": identity.first_seen_at,
    }


def devices_of(sessions: QuerySet[MediaSession]) -> list[str]:
    names = sessions.order_by().values_list("device", "platform").distinct()[:50]
    return sorted({device or platform for device, platform in names if device or platform})


def stats(sessions: QuerySet[MediaSession]) -> dict[str, Any]:
    """Sums over settled sessions; ratios are sum over sum (domain words as in docs/metrics.md)."""
    settled = SessionSummary.objects.filter(session__in=sessions.order_by().values("pk"), is_latest=True)
    sums: dict[str, int] = dict.fromkeys(SUMS, 0)
    count = 0
    for values in settled.values_list("values", flat=True).iterator(chunk_size=500):
        count += 1
        for name in SUMS:
            sums[name] += values.get(name) or 0
    ratio = sums["rebuffer_ms"] / sums["watched_time_ms"] if sums["watched_time_ms"] else None
    completion = sums["ad_completed_count"] / sums["ad_count"] if sums["ad_count"] else None
    return {"settled_sessions": count, **sums, "rebuffer_ratio": ratio, "ad_completion": completion}
