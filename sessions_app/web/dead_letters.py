"""Dead letters as people see them: grouped by reason, what they are about, one of them as it was sent."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum
from django.db.models.functions import MD5, Left, Length

from sessions_app.models import Delivery, Workspace
from sessions_app.models.forwarding import DeliveryStatus
from sessions_app.viewers.masking import redacted_text
from sessions_app.web.payloads import marked_lines
from sessions_app.web.steps import steps_at

# A reason may name a place at its end: letters whose reasons begin alike belong together.
REASON_CHARS = 160
# What a group is about is read from so many of its newest letters, and only from bodies that are quickly read.
NEWEST_READ = 5
READ_BYTES = 16_384
# The dead letters, grouped by where they were refused and why.
GROUPS = """
SELECT delivery.destination_id, destination.name, delivery.last_status,
    left(delivery.last_error, %(chars)s) AS reason, md5(left(delivery.last_error, %(chars)s)) AS reason_key,
    count(*) AS batches, sum(delivery.event_count) AS events,
    max(delivery.attempts) AS tries, max(coalesce(delivery.finished_at, delivery.created_at)) AS last_at,
    (array_agg(delivery.id ORDER BY delivery.id DESC))[1:%(read)s] AS newest
FROM sessions_app_delivery delivery
JOIN sessions_app_destination destination ON destination.id = delivery.destination_id
WHERE destination.workspace_id = %(workspace)s AND delivery.status = 'dead'
GROUP BY 1, 2, 3, 4, 5 ORDER BY last_at DESC LIMIT 200
"""
# What mParticle says inside of its answer: {"errors": [{"code": …, "message": "…"}]}, perhaps cut short.
MESSAGE = re.compile(r'"message"\s*:\s*"((?:[^"\\]|\\.)+)')


def reason_words(reason: str) -> str:
    """answered 400: {"errors": [{"message": "x must be a string"}]} is: x must be a string."""
    said = MESSAGE.search(reason)
    return said[1].replace('\\"', '"') if said else re.sub(r"^answered \d{3}(: )?", "", reason)


@dataclass(frozen=True)
class LetterGroup:
    """Dead letters of one destination with one reason; `newest` are the ids of the last few."""

    destination_id: int
    destination: str
    status: int | None
    reason: str
    reason_key: str
    batches: int
    events: int
    tries: int
    last_at: dt.datetime
    newest: list[int]
    kinds: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.destination_id}:{self.status or ''}:{self.reason_key}")

    @property
    def words(self) -> str:
        """The reason as people read it; the status stands beside it."""
        return reason_words(self.reason)

    @property
    def is_hopeless(self) -> bool:
        """The destination understood and refused: the same bytes will be refused again."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in (401, 403, 408, 429)


def letter_groups(workspace: Workspace) -> list[LetterGroup]:
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, {"workspace": workspace.pk, "chars": REASON_CHARS, "read": NEWEST_READ})
        return [LetterGroup(*row) for row in cursor.fetchall()]


def dead_events(workspace: Workspace) -> int:
    """Events in all dead letters of a workspace."""
    dead = Delivery.objects.filter(destination__workspace=workspace, status=DeliveryStatus.DEAD)
    return dead.aggregate(events=Sum("event_count"))["events"] or 0


def with_kinds(groups: list[LetterGroup]) -> list[LetterGroup]:
    """The groups knowing what they are about: one query whatever their number."""
    newest = Delivery.objects.filter(pk__in=[pk for group in groups for pk in group.newest])
    read = newest.annotate(bytes=Length("body")).filter(bytes__lte=READ_BYTES).values_list("pk", "body")
    names = {pk: event_names(bytes(body or b"")) for pk, body in read}
    return [
        replace(group, kinds=kinds_words(name for pk in group.newest for name in names.get(pk, ()))) for group in groups
    ]


def letters_in(group: LetterGroup) -> QuerySet[Delivery]:
    """Every dead letter of the group."""
    dead = Delivery.objects.filter(destination_id=group.destination_id, status=DeliveryStatus.DEAD)
    alike = dead.annotate(reason_key=MD5(Left("last_error", REASON_CHARS)))
    return alike.filter(last_status=group.status, reason_key=group.reason_key)


def sample_of(group: LetterGroup, asked: int | None = None) -> dict[str, Any]:
    """One letter of a group as it was sent, with what names a person struck out: the one asked for, else the newest."""
    letters = letters_in(group)
    wanted = letters.filter(pk__in=[group.newest[0], asked or 0]).prefetch_related("attempt_rows")
    # One that was retried meanwhile gives way to the newest.
    delivery = min(wanted, key=lambda letter: letter.pk != asked, default=None)
    if delivery is None:
        return {"lines": [], "attempts": []}
    body = bytes(delivery.body or b"")
    attempts = sorted(delivery.attempt_rows.all(), key=lambda attempt: attempt.at, reverse=True)[:5]
    complaints = [group.reason, *(attempt.answer for attempt in attempts)]
    return {
        "steps": steps_at(letters, delivery.pk),
        "kinds": kinds_words(event_names(body)),
        "lines": marked_lines(redacted_text(body.decode("utf-8", "replace")), complaints),
        "attempts": attempts,
    }


def event_names(body: bytes) -> list[str]:
    """The names of the events in a batch, in its order; none when they cannot be told."""
    try:
        batch = json.loads(body)
        # What goes as history is a list of one batch.
        events = (batch[0] if isinstance(batch, list) else batch)["events"]
        return [str(event["data"]["event_name"]) for event in events]
    except (ValueError, LookupError, TypeError, RecursionError):
        return []


def kinds_words(names: Iterable[str]) -> str:
    """What events are about: Play · Play and 3 more kinds · Batch, when nothing is known of it."""
    kinds = list(dict.fromkeys(names))
    if len(kinds) < 2:
        return kinds[0] if kinds else "Batch"
    return f"{kinds[0]} and {len(kinds) - 1} more {'kind' if len(kinds) == 2 else 'kinds'}"
