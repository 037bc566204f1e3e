"""The audit: who looked at or changed what, whose, why and when.

Written in the transaction that reads or changes: when it cannot be written, nothing is shown. Each entry's digest
covers the entry before it in the workspace, so that one taken out of the table shows (`first_broken`).
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from sessions_app.models import AuditEntry, Workspace

# Keeps this advisory lock apart from others'.
LOCK_CLASS = 0x6D64


@dataclass(frozen=True)
class Actor:
    """Who does something: a person, or the program behind a token (no account)."""

    name: str
    user_id: int | None = None

    @classmethod
    def of(cls, user: Any) -> "Actor":
        return cls(str(user), user.pk)


def record(
    workspace: Workspace,
    actor: Actor,
    action: str,
    subject: str,
    now: dt.datetime,
    *,
    fields: tuple[str, ...] = (),
    reason: str = "",
    expires_at: dt.datetime | None = None,
) -> AuditEntry:
    """One more entry, joined to the one before it."""
    with transaction.atomic():
        lock_audit(workspace)
        before = AuditEntry.objects.filter(workspace=workspace).order_by("-id").only("digest").first()
        entry = AuditEntry(
            workspace=workspace,
            at=now,
            actor=actor.name,
            actor_user_id=actor.user_id,
            action=action,
            subject=subject,
            fields=list(fields),
            reason=reason,
            expires_at=expires_at,
        )
        entry.digest = digest_of(entry, bytes(before.digest) if before else b"")
        entry.save(force_insert=True)
        return entry


def lock_audit(workspace: Workspace) -> None:
    """One writer of a workspace's chain at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, workspace.pk % 2**31])


def digest_of(entry: AuditEntry, before: bytes) -> bytes:
    words = [
        entry.workspace_id,
        entry.at.astimezone(dt.UTC).isoformat(),
        entry.actor,
        entry.actor_user_id,
        entry.action,
        entry.subject,
        entry.fields,
        entry.reason,
        entry.expires_at.astimezone(dt.UTC).isoformat() if entry.expires_at else None,
    ]
    return hashlib.sha256(before + json.dumps(words).encode()).digest()


def first_broken(workspace: Workspace) -> int | None:
    """The first entry that does not follow from the one before it; None when the chain holds.

    Retention takes the oldest entries away, so the oldest one left is believed.
    """
    before: bytes | None = None
    for entry in AuditEntry.objects.filter(workspace=workspace).order_by("id").iterator():
        if before is not None and bytes(entry.digest) != digest_of(entry, before):
            return entry.pk
        before = bytes(entry.digest)
    return None
