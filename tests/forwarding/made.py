"""A destination with its sandbox, and batches waiting for it."""

import datetime as dt
import json
import uuid
from contextlib import contextmanager

from django.db.models import F

from sessions_app.forwarding.sandbox import Sandbox
from sessions_app.forwarding.sandbox_server import SandboxServer
from sessions_app.keys import key128
from sessions_app.models import Delivery, Destination, RawBatch
from sessions_app.models.clock import database_now

KEY, SECRET = "us1-northlight", "a-secret-nobody-logs"


@contextmanager
def sandbox_for(settings):
    """mParticle's stand-in, allowed by the settings."""
    with SandboxServer(Sandbox({KEY: SECRET})) as server:
        settings.FORWARDING_ALLOWED_URLS = [server.url]
        server.sandbox.url = server.url
        yield server.sandbox


def make_destination(workspace, url, name="mParticle", **fields):
    destination = Destination(workspace=workspace, name=name, url=url, **fields)
    destination.set_credentials(KEY, SECRET)
    destination.save()
    return destination


def batch_of(*ids, mpid=6504934091054997508, at_ms=None, padding=""):
    """A long-key batch with one Play per id."""
    at_ms = at_ms or int(database_now().timestamp() * 1000)
    return {
        "source_request_id": str(uuid.uuid4()),
        "environment": "production",
        "mpid": str(mpid),
        "events": [
            {
                "event_type": "custom_event",
                "data": {
                    "event_name": "Play",
                    "custom_event_type": "media",
                    "source_message_id": one,
                    "timestamp_unixtime_ms": at_ms,
                    "custom_attributes": {"media_session_id": "s1", "padding": padding},
                },
            }
            for one in ids
        ],
    }


def make_delivery(destination, source, *ids, lane="viewer-1", **options):
    """A stored batch and its outbox row, as ingest writes them."""
    body = json.dumps(batch_of(*ids, **options)).encode()
    now = database_now()
    raw = RawBatch.objects.create(input=source, batch_key=key128(body), door="server", body=body, received_at=now)
    return Delivery.objects.create(
        destination=destination, raw_batch_id=raw.pk, indexes=list(range(len(ids))), event_count=len(ids),
        lane=key128(lane), next_attempt_at=now, created_at=now,
    )  # fmt: skip


def make_everything_due():
    """As if the waiting were over."""
    now = database_now()
    Delivery.objects.filter(status="due").update(next_attempt_at=now)
    Destination.objects.update(not_before=None)


def age(delivery, **ago):
    Delivery.objects.filter(pk=delivery.pk).update(created_at=database_now() - dt.timedelta(**ago))


def pass_time(**ago):
    """As if the database's clock had gone on: every moment it is compared with lies that much further back."""
    ago = dt.timedelta(**ago)
    Delivery.objects.update(
        next_attempt_at=F("next_attempt_at") - ago, created_at=F("created_at") - ago, lease_until=F("lease_until") - ago
    )
    Destination.objects.update(not_before=F("not_before") - ago, forwarder_until=F("forwarder_until") - ago)
