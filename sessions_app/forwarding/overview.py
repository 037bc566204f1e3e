"""How forwarding stands, for pages, the API and alarms. Reads only."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q

from sessions_app.models import Delivery, Destination, Workspace
from sessions_app.models.clock import database_now

# Something that may be sent has waited longer than this: no worker is at it.
ALARM_AFTER_S = 60


@dataclass(frozen=True)
class Standing:
    """One destination: what waits, since when, and what people are told."""

    destination: Destination
    due: int
    sending: int
    dead: int
    sent_last_hour: int
    oldest_due_s: int | None
    is_stuck: bool


def standings(workspace: Workspace) -> list[Standing]:
    now = database_now()
    hour_ago = now - dt.timedelta(hours=1)
    destinations = list(Destination.objects.filter(workspace=workspace).order_by("name"))
    counts = (
        Delivery.objects.filter(destination__in=destinations)
        # Each part has a partial index of its own: a month's sent rows are not read.
        .filter(Q(status__in=["due", "sending"]) | Q(status="dead") | Q(status="sent", finished_at__gte=hour_ago))
        .values("destination_id")
        .annotate(
            due=Count("pk", filter=Q(status="due")),
            sending=Count("pk", filter=Q(status="sending")),
            dead=Count("pk", filter=Q(status="dead")),
            sent_last_hour=Count("pk", filter=Q(status="sent")),
            oldest=Min("created_at", filter=Q(status="due")),
            waiting_since=Min("next_attempt_at", filter=Q(status__in=["due", "sending"])),
        )
    )
    found: dict[int, dict[str, Any]] = {row["destination_id"]: dict(row) for row in counts}
    return [standing(destination, found.get(destination.pk, {}), now) for destination in destinations]


def standing(destination: Destination, row: dict[str, Any], now: dt.datetime) -> Standing:
    oldest, since = row.get("oldest"), row.get("waiting_since")
    return Standing(
        destination,
        row.get("due", 0),
        row.get("sending", 0),
        row.get("dead", 0),
        row.get("sent_last_hour", 0),
        None if oldest is None else max(0, int((now - oldest).total_seconds())),
        is_open(destination, now) and since is not None and (now - since).total_seconds() > ALARM_AFTER_S,
    )


def is_open(destination: Destination, now: dt.datetime) -> bool:
    """Whether something due could be sent right now."""
    may_go = destination.not_before is None or destination.not_before <= now
    return destination.is_on and not destination.held_reason and may_go


def oldest_waiting_s() -> int:
    """Seconds the longest waiting sendable row has waited, over all workspaces: what /metrics shows."""
    now = database_now()
    due = Delivery.objects.filter(
        Q(destination__not_before=None) | Q(destination__not_before__lte=now),
        status="due", destination__is_on=True, destination__held_reason="",
        destination__workspace__is_sandbox=False,
    )  # fmt: skip
    since = due.aggregate(since=Min("next_attempt_at"))["since"]
    return 0 if since is None else max(0, int((now - since).total_seconds()))
