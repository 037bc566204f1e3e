"""Puts new revisions into the outbox of the destinations that asked for computed summaries.

Only the order is written here, in the settle's transaction; what it looks like to mParticle is forwarding's business.
"""

import datetime as dt
from collections.abc import Iterable

from sessions_app.keys import key128
from sessions_app.models import Delivery, Destination, SessionIdentity, SessionSummary


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
    lanes = lanes_of([summary for summary in made if summary.workspace_id in wanted])
    Delivery.objects.bulk_create(
        Delivery(
            destination_id=destination,
            summary_id=summary.pk,
            event_count=1,
            lane=lanes[summary.session_id],
            next_attempt_at=now,
            created_at=now,
        )
        for summary in made
        for destination in wanted.get(summary.workspace_id, ())
    )


def lanes_of(summaries: list[SessionSummary]) -> dict[int, str]:
    """The viewer's lane of each session: by mpid, else by device, as the store makes it."""
    nameless = [summary.session_id for summary in summaries if not summary.session.mpid]
    devices = dict(
        SessionIdentity.objects.filter(session__in=nameless, identity__type="mp_deviceid")
        .order_by("pk")
        .values_list("session_id", "identity__value")
    )
    return {
        summary.session_id: key128(
            summary.session.mpid or devices.get(summary.session_id) or summary.session.media_session_id
        )
        for summary in summaries
    }
