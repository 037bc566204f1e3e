"""Looking behind the mask, and the audit of it."""

import datetime as dt

import pytest
from django.db import connection

from sessions_app.models import AuditEntry
from sessions_app.viewers.audit import Actor, first_broken, record
from sessions_app.viewers.identities import card
from sessions_app.viewers.masking import mask, redacted_text
from sessions_app.viewers.privacy import ReasonError, reveal, reveals_of, still_revealed
from tests.viewers.made import NOW, identity, session

MPID = "4711000012345678"


@pytest.fixture
def kim(cast):
    session(cast.web, "s-1", [("mpid", MPID), ("email", "kim@example.com")])
    return identity(cast.northlight, "mpid", MPID)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("mpid", MPID, "•••5678"),
        ("mp_deviceid", "abcd", "•••"),
        ("email", "kim@example.com", "k•••@e•••"),
        ("customer_id", "kim-4711", "k•••1"),
        ("customer_id", "k1", "•••"),
        ("other", "", ""),
    ],
)
def test_a_masked_identity_shows_its_end_or_its_ends(kind, value, shown):
    assert mask(kind, value) == shown


def test_raw_json_is_shown_without_identities():
    raw = '{"mpid":4711,"user_identities":{"email":"kim@example.com"},"data":{"x":{"email":"a@b.c"},"play":1}}'
    assert redacted_text(raw) == '{"mpid": "•••", "user_identities": "•••", "data": {"x": {"email": "•••"}, "play": 1}}'


def test_the_card_is_masked(kim):
    assert MPID not in str(card(kim, NOW))
    assert "kim@example" not in str(card(kim, NOW))


def test_a_reveal_needs_a_reason_and_leaves_one_entry(kim, cast):
    sam = Actor.of(cast.sam)
    with pytest.raises(ReasonError):
        reveal(kim, sam, "  x ", NOW)
    shown = reveal(kim, sam, "Ticket 12: stalls", NOW)
    assert {one["value"] for one in shown.identities} == {MPID, "kim@example.com"}
    entry = AuditEntry.objects.get()
    assert (str(entry.pk), entry.reason, entry.fields) == (shown.audit_id, "Ticket 12: stalls", ["email", "mpid"])
    assert reveals_of(kim) == [{"by": str(cast.sam), "at": NOW, "reason": "Ticket 12: stalls"}]


def test_a_reveal_lasts_five_minutes_for_one_person_and_each_look_is_written_down(kim, cast):
    sam, olga = Actor.of(cast.sam), Actor.of(cast.olga)
    assert still_revealed(kim, sam, NOW) is None
    reveal(kim, sam, "Ticket 12", NOW)
    assert still_revealed(kim, sam, NOW + dt.timedelta(minutes=4)) is not None
    assert still_revealed(kim, olga, NOW + dt.timedelta(minutes=4)) is None
    assert still_revealed(kim, sam, NOW + dt.timedelta(minutes=6)) is None
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == ["reveal", "view"]


def test_nothing_is_shown_when_the_audit_cannot_be_written(kim, cast, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("sessions_app.viewers.privacy.record", fails)
    with pytest.raises(RuntimeError):
        reveal(kim, Actor.of(cast.sam), "Ticket 12", NOW)


def test_an_entry_taken_out_of_the_chain_shows(cast):
    alice = Actor.of(cast.alice)
    entries = [record(cast.northlight, alice, "look", f"viewer {n}", NOW) for n in range(4)]
    assert first_broken(cast.northlight) is None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL mediadash.audit_retention = 'on'")
        cursor.execute("DELETE FROM sessions_app_auditentry WHERE id = %s", [entries[1].pk])
    assert first_broken(cast.northlight) == entries[2].pk
