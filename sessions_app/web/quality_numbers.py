"""What the data quality page counts: quarantine and refusals by reason."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from sessions_app.models import Quarantined, RefusedRequest, Workspace

# Quarantined rows of one group, by everything a reader tells reasons apart by.
SAME = ("input_id", "code", "pointer", "event_name")


@dataclass(frozen=True)
class QuarantineGroup:
    """Quarantined input of one kind: where from, what is wrong, how often, the newest as a sample."""

    input_id: int
    input_name: str
    code: str
    pointer: str
    event_name: str | None
    kinds: int
    times: int
    last_at: dt.datetime
    sample: int

    @property
    def key(self) -> str:
        """The group in a form: any of its rows names it, the newest does."""
        return str(self.sample)

    def holds(self, row: Quarantined) -> bool:
        """Whether the row is wrong in the same way."""
        return all(getattr(self, name) == getattr(row, name) for name in SAME)


def waiting(workspace: Workspace) -> QuerySet[Quarantined]:
    """What is in quarantine now: not discarded, and not replayed with success since."""
    settled = Q(replay_outcome__in=("stored", "duplicate"))
    return Quarantined.objects.filter(input__workspace=workspace, discarded_at=None).exclude(settled)


def quarantine_groups(workspace: Workspace) -> list[QuarantineGroup]:
    grouped = waiting(workspace).values(*SAME, "input__name")
    rows = grouped.annotate(kinds=Count("pk"), sum_times=Sum("times"), last_at=Max("received_at"), sample=Max("pk"))
    return [
        QuarantineGroup(
            row["input_id"],
            row["input__name"],
            row["code"],
            row["pointer"],
            row["event_name"],
            row["kinds"],
            row["sum_times"],
            row["last_at"],
            row["sample"],
        )
        for row in rows.order_by("-last_at")[:200]
    ]


def in_group_of(workspace: Workspace, sample: Quarantined) -> QuerySet[Quarantined]:
    """Every waiting row that is wrong in the same way."""
    same = {name: getattr(sample, name) for name in SAME}
    return waiting(workspace).filter(**same).order_by("id")


def refusals(workspace: Workspace, since: dt.datetime) -> list[dict[str, Any]]:
    """Requests turned away, by reason."""
    rows = RefusedRequest.objects.filter(input__workspace=workspace, minute__gte=since)
    grouped = rows.values("input__name", "status", "code", "reason")
    counted = grouped.annotate(count=Sum("times"), last_at=Max("minute")).order_by("-last_at")
    return [dict(row) for row in counted[:50]]
