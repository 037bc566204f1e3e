"""Looking behind the mask: a reveal needs a reason, lasts five minutes, and is written down before anything is shown.

Every answer that shows an identity in the clear has one audit entry of its own, made in the transaction that read it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sessions_app.models import AuditEntry, Identity, Workspace
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.identities import identities_of

REVEAL_LASTS = dt.timedelta(minutes=5)
SHORTEST_REASON = 5
LONGEST_REASON = 500
SHOWN_REVEALS = 20


class ReasonError(ValueError):
    """Nobody looks at personal data without saying why."""


@dataclass(frozen=True)
class Revealed:
    """Identities in the clear, and until when the person who asked may see them."""

    identities: list[dict[str, Any]]
    expires_at: dt.datetime
    audit_id: str


def reveal(identity: Identity, actor: Actor, reason: str, now: dt.datetime) -> Revealed:
    """All identities of this viewer in the clear; the audit entry is in the same transaction."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        raise ReasonError("Say why you need to see this, in a few words.")
    return _shown(identity, actor, "reveal", reason=reason, now=now, expires_at=now + REVEAL_LASTS)


def still_revealed(identity: Identity, actor: Actor, now: dt.datetime) -> Revealed | None:
    """The identities again while this person's reveal lasts: another audit entry, no new five minutes."""
    open_reveal = active_reveal(identity, actor, now)
    if open_reveal is None or open_reveal.expires_at is None:
        return None
    return _shown(identity, actor, "view", reason=open_reveal.reason, now=now, expires_at=open_reveal.expires_at)


def active_reveal(identity: Identity, actor: Actor, now: dt.datetime) -> AuditEntry | None:
    """This person's reveal of this viewer that has not run out."""
    made = AuditEntry.objects.filter(
        workspace_id=identity.workspace_id,
        action="reveal",
        subject=subject_of(identity),
        actor=actor.name,
        actor_user_id=actor.user_id,
        at__lte=now,
        expires_at__gt=now,
    )
    return made.order_by("-id").first()


def reveals_of(identity: Identity) -> list[dict[str, Any]]:
    """Who looked behind the mask before, newest first: shown on the viewer's card."""
    made = AuditEntry.objects.filter(workspace_id=identity.workspace_id, action="reveal", subject=subject_of(identity))
    return [
        {"by": entry.actor, "at": entry.at, "reason": entry.reason} for entry in made.order_by("-id")[:SHOWN_REVEALS]
    ]


def subject_of(identity: Identity) -> str:
    return f"viewer {identity.pk}"


@transaction.atomic
def _shown(
    identity: Identity, actor: Actor, action: str, *, reason: str, now: dt.datetime, expires_at: dt.datetime
) -> Revealed:
    shown = identities_of(identity)
    entry = record(
        Workspace(pk=identity.workspace_id),
        actor,
        action,
        subject_of(identity),
        now,
        fields=tuple(sorted({one.type for one in shown})),
        reason=reason,
        expires_at=expires_at,
    )
    identities = [
        {"id": str(one.pk), "type": one.type, "value": one.value, "first_seen_at": one.first_seen_at} for one in shown
    ]
    return Revealed(identities, expires_at, str(entry.pk))
