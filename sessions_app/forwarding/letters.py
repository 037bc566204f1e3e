"""What people do about batches that were given up, and about destinations: again, away, hold, go on."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from sessions_app.models import Delivery, Destination
from sessions_app.models.clock import database_now
from sessions_app.models.forwarding import DeliveryStatus


def retry(destination: Destination, deliveries: Iterable[int] | None = None) -> int:
    """Try given up batches again, all of a destination's or these; the same bytes, a new window. Says how many."""
    now = database_now()
    return dead(destination, deliveries).update(
        status=DeliveryStatus.DUE, attempts=0, crashes=0, next_attempt_at=now, created_at=now, finished_at=None
    )


def discard(destination: Destination, deliveries: Iterable[int] | None = None) -> int:
    """Let given up batches go; their rows stay until retention, their bytes do not."""
    return dead(destination, deliveries).update(status=DeliveryStatus.DROPPED, body=None, finished_at=database_now())


def pause(destination: Destination) -> None:
    """Send nothing until somebody says otherwise; rows go on being written."""
    Destination.objects.filter(pk=destination.pk).update(held_reason="paused", last_error="")


def resume(destination: Destination) -> None:
    """Forget why sending was held and try again with the next sweep."""
    with transaction.atomic():
        locked = Destination.objects.select_for_update().get(pk=destination.pk)
        locked.resume()
        locked.save()


def dead(destination: Destination, deliveries: Iterable[int] | None) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(destination=destination, status=DeliveryStatus.DEAD)
    return found if deliveries is None else found.filter(pk__in=list(deliveries))
