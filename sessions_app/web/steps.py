"""Going through the rows of a group one by one, newest first: a dead letter's neighbours, a quarantined event's."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet


@dataclass(frozen=True)
class Steps:
    """A row is `number` of `count`, the newest is 1; the ids beside it are None at the ends."""

    number: int
    count: int
    newer: int | None
    older: int | None


def steps_at(rows: QuerySet[Any], pk: int) -> Steps | None:
    """Where this row stands among the rows, in one query; None when it is not one of them."""
    found = rows.aggregate(
        here=Count("pk", filter=Q(pk=pk)),
        number=Count("pk", filter=Q(pk__gte=pk)),
        count=Count("pk"),
        newer=Min("pk", filter=Q(pk__gt=pk)),
        older=Max("pk", filter=Q(pk__lt=pk)),
    )
    return Steps(**found) if found.pop("here") else None


def row_number(text: str | None) -> int | None:
    """The id somebody asks for in an address or a form; None for what cannot be one."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
