"""What has been kept long enough goes, oldest first; nothing else does."""

import datetime as dt

import pytest
from django.db import connection

from sessions_app.ingest.partitions import ensure_partitions, partition_name
from sessions_app.models import (
    AuditEntry,
    Delivery,
    Identity,
    MediaSession,
    MinuteRollup,
    RawBatch,
    RollupShare,
    SessionIdentity,
    SessionSummary,
)
from sessions_app.models.clock import database_now
from sessions_app.models.retention import remove_old
from sessions_app.summaries.settle import settle_due
from tests.forwarding.made import make_delivery, make_destination
from tests.summaries.made import MINUTE, now_ms, store, watched

pytestmark = pytest.mark.django_db


def ago(**time):
    return database_now() - dt.timedelta(**time)


def test_nothing_young_is_removed(cast):
    store(cast.web, *watched(now_ms() - 30 * MINUTE))
    settle_due()
    assert remove_old() == {}


def test_event_days_are_dropped_whole(cast):
    connection.ensure_connection()
    old = dt.date(2024, 1, 2)
    ensure_partitions(connection.connection, days=0, today=old)
    assert remove_old()["event days"] == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [partition_name(old)])
        assert cursor.fetchone() == (None,)


def test_raw_batches_go_before_what_was_made_of_them(cast):
    store(cast.web, *watched(now_ms() - 30 * MINUTE))
    settle_due()
    RawBatch.objects.update(received_at=ago(days=31))
    assert remove_old() == {"raw batches": 1}
    assert SessionSummary.objects.exists()


def test_finished_deliveries_go_with_their_attempts_and_waiting_ones_stay(cast):
    feed = make_destination(cast.northlight, "https://s2s.mparticle.com")
    old, waiting = make_delivery(feed, cast.web, "a"), make_delivery(feed, cast.web, "b")
    old.attempt_rows.create(at=ago(days=31), status=202, took_ms=5)
    Delivery.objects.filter(pk=old.pk).update(status="sent", finished_at=ago(days=31))
    assert remove_old() == {"deliveries": 1}
    assert Delivery.objects.get() == waiting


def test_a_session_goes_with_all_that_belongs_to_it(cast):
    store(cast.web, *watched(now_ms() - 30 * MINUTE))
    settle_due()
    MediaSession.objects.update(last_received_at=ago(days=401))
    Identity.objects.update(first_seen_at=ago(days=401))
    removed = remove_old()
    assert removed["sessions"] == 1
    assert removed["identities"] >= 1
    for model in (MediaSession, SessionSummary, RollupShare, SessionIdentity, Identity):
        assert not model.objects.exists(), model
    # What many sessions add up to names nobody and stays as long as it is meant to.
    assert MinuteRollup.objects.exists()


def test_the_audit_is_kept_as_long_as_promised(cast):
    for days in (729, 731):
        AuditEntry.objects.create(
            workspace=cast.northlight, at=ago(days=days), actor="sam", action="reveal", subject="viewer", digest=b""
        )
    assert remove_old() == {"audit": 1}
