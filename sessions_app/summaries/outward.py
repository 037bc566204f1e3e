"""Puts new revisions into the outbox of the destinations that asked for computed summaries.

Only the order is written here, in the settle's transaction; what it looks like to mParticle is forwarding's business.
"""

import datetime as dt
from collections.abc import Iterable

from sessions_app.keys import key128
from sessions_app.models import Delivery, Destination, SessionSummary


def queue_outward(summaries: Iterable[SessionSummary], now: dt.datetime) -> None:
    """In the viewer's lane, so that a summary follows the events it sums up."""
    made = list(summaries)
    asked = Destination.objects.filter(
        workspace__in={summary.workspace_id for summary in made},
        workspace__is_sandbox=False,
        is_on=True,
        send_computed_summary=True,
    )
    wanted: dict[int, list[int]] = {}
    for destination, workspace in asked.values_list("pk", "workspace_id"):
        wanted.setdefault(workspace, []).append(destination)
    Delivery.objects.bulk_create(
        Delivery(
            destination_id=destination,
            summary_id=summary.pk,
            event_count=1,
            lane=key128(summary.session.mpid or summary.session.media_session_id),
            next_attempt_at=now,
            created_at=now,
        )
        for summary in made
        for destination in wanted.get(summary.workspace_id, ())
    )
