"""Erasing a viewer: afterwards nothing in the database names them."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection

from sessions_app.keys import erased_key, key128
from sessions_app.models import Delivery, Destination, Identity, MediaSession, Quarantined, Tombstone
from sessions_app.viewers import erase
from sessions_app.viewers.audit import Actor
from tests.viewers.made import NOW, raw_batch, session

MPID = "4711000012345678"
EMAIL = "kim@example.com"
CUSTOMER = "kim-4711"
LATER = NOW + dt.timedelta(seconds=11)


@pytest.fixture
def stored(cast):
    """Kim on two sessions, and Lee who once logged in on Kim's television."""
    kim = [("mpid", MPID), ("customer_id", CUSTOMER), ("email", EMAIL), ("mp_deviceid", "tv-1")]
    session(cast.web, "kims-first", kim, [("Play", 0, {"note": EMAIL})])
    session(cast.web, "kims-second", [("mpid", MPID)], [("Play", 0, {})])
    session(cast.web, "lees", [("mpid", "999900001111"), ("customer_id", "lee"), ("mp_deviceid", "tv-1")])
    raw_batch(cast.web, {"mpid": MPID, "user_identities": {"customer_id": CUSTOMER}, "events": []})
    Quarantined.objects.create(
        input=cast.web,
        code="INVALID_EVENT",
        message="?",
        door="server",
        raw=b'{"mpid":' + MPID.encode() + b"}",
        raw_key=key128("x"),
        received_at=NOW,
    )
    destination = Destination.objects.create(
        workspace=cast.northlight, name="mP", url="x", key="k", secret_encrypted=b"x"
    )
    Delivery.objects.create(
        destination=destination,
        lane=key128(MPID),
        body=MPID.encode(),
        status="sent",
        next_attempt_at=NOW,
        created_at=NOW,
    )


def erased(cast, kind=("customer_id", CUSTOMER)):
    asked = erase.ask(cast.northlight, *kind, Actor.of(cast.sam), NOW)
    _, gone = erase.approve(asked, Actor.of(cast.alice), NOW)
    assert erase.run_due(NOW) == 1
    assert erase.run_due(LATER) == 0
    asked.refresh_from_db()
    return asked, gone


def everything_stored():
    """Every row of every table of ours as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'sessions\\_app\\_%'")
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows += [text for (text,) in cursor.fetchall()]
    return "\n".join(rows)


def in_hex(text):
    return text.encode().hex()


def test_afterwards_nothing_stored_names_the_viewer(stored, cast):
    erased(cast)
    dump = everything_stored()
    for value in (MPID, EMAIL, CUSTOMER):
        assert value not in dump
        assert in_hex(value) not in dump


def test_others_stay(stored, cast):
    erased(cast)
    assert list(MediaSession.objects.values_list("media_session_id", flat=True)) == ["lees"]
    assert set(Identity.objects.values_list("value", flat=True)) == {"999900001111", "lee", "tv-1"}


def test_the_receipt_counts_what_went_and_says_what_is_left_to_do(stored, cast):
    receipt = erase.receipt_json(erased(cast)[0])
    assert receipt["status"] == "completed"
    counts = receipt["counts"]
    assert (counts["sessions"], counts["events"], counts["raw_batches"], counts["quarantined"]) == (2, 2, 3, 1)
    assert "mParticle" in receipt["next_step"]


def test_tombstones_know_the_identities_again(stored, cast):
    erased(cast)
    kept = {bytes(row.identity_hmac) for row in Tombstone.objects.all()}
    for kind, value in (("mpid", MPID), ("customer_id", CUSTOMER), ("email", EMAIL)):
        assert erased_key(settings.SECRET_KEY, cast.northlight.pk, kind, value) in kept
    assert erased_key(settings.SECRET_KEY, cast.northlight.pk, "mp_deviceid", "tv-1") not in kept


def test_what_a_slow_writer_stored_after_the_first_pass_goes_with_the_last(stored, cast):
    asked = erase.ask(cast.northlight, "customer_id", CUSTOMER, Actor.of(cast.sam), NOW)
    erase.approve(asked, Actor.of(cast.alice), NOW)
    session(cast.web, "kims-late", [("mpid", MPID)], [("Play", 0, {})])
    assert erase.run_due(LATER) == 0
    assert MPID not in everything_stored()


def test_a_cancelled_or_finished_erasure_cannot_be_approved(stored, cast):
    asked = erase.ask(cast.northlight, "customer_id", CUSTOMER, Actor.of(cast.sam), NOW)
    erase.cancel(asked, Actor.of(cast.alice), NOW)
    with pytest.raises(erase.ErasureError):
        erase.approve(asked, Actor.of(cast.alice), NOW)
    assert CUSTOMER in everything_stored()
    asked.refresh_from_db()
    assert asked.identity_value == ""


def test_a_short_customer_id_takes_no_strangers_numbers_along(cast):
    session(cast.web, "mine", [("customer_id", "42")])
    session(cast.web, "theirs", [("customer_id", "43")])
    kept = raw_batch(cast.web, {"events": [{"qos_fps": "42"}]})
    erased(cast, ("customer_id", "42"))
    assert list(MediaSession.objects.values_list("media_session_id", flat=True)) == ["theirs"]
    kept.refresh_from_db()
