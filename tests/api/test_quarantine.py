"""Quarantine over REST: replay is written down before it happens, and reasons never quote what a viewer is."""

import json

import pytest
from django.utils import timezone

from sessions_app.models import AuditEntry, IngestCount, MediaEvent, Quarantined
from sessions_app.wire import parse
from sessions_app.wire.batch import WireError
from tests.api.made import as_person
from tests.ingest.client import batch, event
from tests.viewers.made import NOW, NOW_MS

EMAIL = "kim@example.com"


def held(cast, body):
    return Quarantined.objects.create(
        input=cast.web, code="INVALID_EVENT", message="m", door="web", raw=json.dumps(body).encode(),
        raw_key="0" * 32, received_at=NOW,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_can_be_read_by_now_is_stored_and_counted_as_if_it_had_come_once(cast):
    row, olga = held(cast, batch(event("Play"))), as_person(cast.olga)
    IngestCount.objects.create(input=cast.web, minute=timezone.now(), writer="w", received=1, quarantined=1)
    answer = olga.post(f"quarantine/{row.pk}/replay/")
    assert (answer.status_code, answer.json()) == (200, {"id": str(row.pk), "outcome": "stored", "errors": []})
    assert MediaEvent.objects.count() == 1
    assert [entry.action for entry in AuditEntry.objects.all()] == ["replay_quarantine"]
    (counts,) = olga.get("quality/").json()["inputs"]
    assert counts["balances"]
    assert olga.post(f"quarantine/{row.pk}/replay/").status_code == 409
    assert olga.post(f"quarantine/{row.pk}/discard/").status_code == 409


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_written_down_is_not_replayed(cast, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("disk full")

    row, olga = held(cast, batch(event("Play"))), as_person(cast.olga)
    monkeypatch.setattr("sessions_app.api.quality.record", fails)
    olga.client.raise_request_exception = False
    assert olga.post(f"quarantine/{row.pk}/replay/").status_code == 500
    assert not MediaEvent.objects.exists()


def replaced(path, value):
    """A batch whose one place holds something unreadable."""
    made = batch(event("Play", email=EMAIL), user_identities={"email": EMAIL})
    *parents, last = path
    place = made
    for word in parents:
        place = place[word]
    place[last] = value
    return json.dumps(made).encode()


DATA = ("events", 0, "data")
UNREADABLE = {
    "event": replaced(("events", 0), EMAIL),
    "data": replaced(DATA, EMAIL),
    "name": replaced((*DATA, "event_name"), {"email": EMAIL}),
    "time": replaced((*DATA, "timestamp_unixtime_ms"), EMAIL),
    "attributes": replaced((*DATA, "custom_attributes"), [EMAIL]),
    "NUL": replaced((*DATA, "custom_attributes", "email"), EMAIL + "\0"),
    "a surrogate": replaced((*DATA, "custom_attributes", "email"), EMAIL + "\ud800"),
    "playhead": replaced((*DATA, "custom_attributes", "playhead_position"), EMAIL),
    "mpid": replaced(("mpid",), {"email": EMAIL}),
    "identities": replaced(("user_identities",), EMAIL),
    "an identity": replaced(("user_identities", "email"), [EMAIL, "\0"]),
    "events": replaced(("events",), EMAIL),
    "no JSON": replaced(("mpid",), EMAIL)[:-1],
    "NaN": replaced(("mpid",), EMAIL)[:-1] + b', "x": NaN}',
    "no UTF-8": replaced(("mpid",), EMAIL).replace(b"@", b"@\xff"),
    "no object": json.dumps(EMAIL).encode(),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_reason_shown_to_everybody_quotes_nothing_of_the_viewer(body):
    try:
        faults = [(one.message, one.pointer, one.event_name) for one in parse.parse(body, NOW_MS, "server").rejected]
    except WireError as error:
        faults = [(error.message, error.pointer)]
    assert EMAIL not in str(faults)


def test_changes_of_inputs_workspace_and_schedules_stand_in_the_audit(cast):
    alice = as_person(cast.alice)
    asked = {"dataset": "ads", "format": "csv", "every": "daily"}
    planned = alice.post("exports/schedules/", asked).json()["id"]
    for path, change in (
        (f"inputs/{cast.web.pk}/", {"rate_per_s": 5}),
        ("workspace/", {"name": "Nordlicht"}),
        (f"exports/schedules/{planned}/", {"is_on": False}),
    ):
        assert alice.send("PATCH", path, change).status_code == 200
    assert alice.send("DELETE", f"exports/schedules/{planned}/").status_code == 204
    entries = AuditEntry.objects.order_by("id").values_list("action", "fields")
    assert list(entries) == [
        ("make_schedule", []),
        ("change_input", ["rate_per_s"]),
        ("change_workspace", ["name"]),
        ("stop_schedule", []),
        ("remove_schedule", []),
    ]
