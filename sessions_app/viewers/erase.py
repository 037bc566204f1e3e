"""Erasing a viewer (OpenDSR: pending → in_progress → completed | cancelled).

Support asks, an administrator approves. Approval writes tombstones first: from then on the doors refuse the viewer's
batches, also a phone's ninety-day-old upload. Then everything stored is taken out, and once more a few seconds
later, when no writer that did not know of the tombstones can still be under way. The receipt counts what went.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from sessions_app.keys import erased_key
from sessions_app.models import Erasure, Export, Identity, SessionIdentity, Tombstone, Workspace
from sessions_app.viewers import traces
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.identities import identities_of

# Doors know of a tombstone within two seconds, and no transaction of theirs lasts longer than this.
LAST_PASS_AFTER = dt.timedelta(seconds=10)
Identities = list[tuple[str, str]]


class ErasureError(ValueError):
    """This erasure cannot be approved or cancelled any more."""


@transaction.atomic
def ask(workspace: Workspace, kind: str, value: str, actor: Actor, now: dt.datetime) -> Erasure:
    """A request to erase whoever has this identity; waits for an administrator."""
    erasure = Erasure.objects.create(
        workspace=workspace, identity_type=kind, identity_value=value, requested_by=actor.name, requested_at=now
    )
    record(workspace, actor, "erase_request", f"erasure {erasure.pk}", now, fields=(kind,))
    return erasure


@transaction.atomic
def cancel(erasure: Erasure, actor: Actor, now: dt.datetime) -> Erasure:
    erasure = _locked(erasure.pk, "pending")
    erasure.status, erasure.identity_value, erasure.completed_at = "cancelled", "", now
    erasure.save()
    record(erasure.workspace, actor, "erase_cancel", f"erasure {erasure.pk}", now)
    return erasure


def approve(erasure: Erasure, actor: Actor, now: dt.datetime) -> tuple[Erasure, list[int]]:
    """Shut the doors, take out what is stored; returns the erasure and the sessions that are gone."""
    with transaction.atomic():
        erasure = _locked(erasure.pk, "pending")
        identities = _everyone(erasure)
        for kind, value in identities:
            key = erased_key(settings.SECRET_KEY, erasure.workspace_id, kind, value)
            Tombstone.objects.get_or_create(workspace=erasure.workspace, identity_hmac=key, defaults={"erased_at": now})
        erasure.status, erasure.approved_by = "in_progress", actor.name
        erasure.receipt = {"identities": identities, "tombstoned_at": now.isoformat(), "counts": {}}
        erasure.save()
        record(erasure.workspace, actor, "erase_approve", f"erasure {erasure.pk}", now)
    return erasure, carry_out(erasure.pk, now)


def run_due(now: dt.datetime) -> int:
    """Finish erasures whose tombstones every writer knows by now; called by beat."""
    under_way = Erasure.objects.filter(status="in_progress").order_by("id").values_list("pk", flat=True)
    for pk in under_way:
        carry_out(pk, now)
    return Erasure.objects.filter(status="in_progress").count()


@transaction.atomic
def carry_out(pk: int, now: dt.datetime) -> list[int]:
    """One pass over everything stored; the last one clears the identities and completes the receipt."""
    erasure = Erasure.objects.select_for_update().get(pk=pk)
    if erasure.status != "in_progress":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '60s'")
    identities: Identities = [(kind, value) for kind, value in erasure.receipt["identities"]]
    found = traces.find(erasure.workspace_id, identities)
    counts = traces.take_out(erasure.workspace_id, found)
    counts["identities"] = traces.take_out_identities(erasure.workspace_id, identities)
    counts["exports"] = _take_back_exports(erasure) if found.session_ids else 0
    _note(erasure, counts, now)
    return found.session_ids


def receipt_json(erasure: Erasure) -> dict[str, Any]:
    """An erasure as anybody concerned may see it: counts, never identities."""
    receipt = erasure.receipt or {}
    return {
        "id": str(erasure.pk),
        "status": erasure.status,
        "identity_type": erasure.identity_type,
        "requested_by": erasure.requested_by,
        "approved_by": erasure.approved_by,
        "requested_at": erasure.requested_at,
        "completed_at": erasure.completed_at,
        "counts": receipt.get("counts", {}),
        "next_step": receipt.get("next_step", ""),
    }


def _note(erasure: Erasure, counts: dict[str, int], now: dt.datetime) -> None:
    before = erasure.receipt["counts"]
    total = {name: before.get(name, 0) + count for name, count in counts.items()}
    erasure.receipt["counts"] = total
    if now - dt.datetime.fromisoformat(erasure.receipt["tombstoned_at"]) >= LAST_PASS_AFTER:
        erasure.status, erasure.completed_at, erasure.identity_value = "completed", now, ""
        forwarded = total.get("forwarded", 0)
        ask_mparticle = f"{forwarded} batches had gone to mParticle: send it a data subject request as well."
        erasure.receipt = {"counts": total, "next_step": ask_mparticle if forwarded else ""}
    erasure.save()


def _everyone(erasure: Erasure) -> Identities:
    """The identity asked for and what else is this viewer's alone."""
    asked = (erasure.identity_type, erasure.identity_value)
    row = Identity.objects.filter(workspace_id=erasure.workspace_id, type=asked[0], value=asked[1]).first()
    if row is None:
        return [asked]
    others = [other for other in identities_of(row)[1:] if not _is_anothers(other, row)]
    return [asked, *((other.type, other.value) for other in others)]


def _is_anothers(other: Identity, asked: Identity) -> bool:
    """Whether an identity of a shared session is somebody else's too.

    A second customer id on one session is another person. An mpid or device is, when elsewhere it was seen with
    another identity of the kind asked for: a television of the household, not this viewer.
    """
    if other.type == asked.type:
        return True
    elsewhere = other.sessions.exclude(session_id__in=asked.sessions.values("session_id")).values("session_id")
    strangers = SessionIdentity.objects.filter(session_id__in=elsewhere, identity__type=asked.type)
    return strangers.exclude(identity=asked).exists()


def _take_back_exports(erasure: Erasure) -> int:
    """Files made while the viewer was stored may hold a session of theirs: all of them go."""
    made = Export.objects.filter(workspace_id=erasure.workspace_id, status__in=("done", "running", "queued"))
    for export in made:
        if export.file_name:
            (settings.EXPORT_FOLDER / export.file_name).unlink(missing_ok=True)
    words = "Taken back because a viewer in it was erased. Ask for it again."
    return made.update(status="expired", file_name="", error=words)


def _locked(pk: int, status: str) -> Erasure:
    erasure = Erasure.objects.select_for_update().get(pk=pk)
    if erasure.status != status:
        raise ErasureError(f"This erasure is {erasure.status}.")
    return erasure
