"""Stored batches on their way to mParticle, and events as they were sent."""

import json

import pytest

from sessions_app.wire.parse import parse
from sessions_app.wire.render import event_at, render
from tests.wire.samples import NOW_MS, batch, event, native, uploads


def rendered(body, door, indexes=None):
    return json.loads(render(body, door, indexes, "r-1"))


@pytest.mark.parametrize("name", ["android_full", "ios_full", "roku_full"])
def test_a_phones_batch_goes_on_in_long_keys_and_means_the_same(name):
    from sessions_app.wire.native import parse_native

    _, body = native(name)
    before = parse_native(body, NOW_MS, "")
    after = parse(render(body, "native", None, "r-1"), NOW_MS, "")
    assert after.rejected == ()
    assert [one.attributes_json for one in after.reported] == [one.attributes_json for one in before.reported]
    assert [one.event.key for one in after.reported] == [one.event.key for one in before.reported]
    assert (after.mpid, after.identities, after.platform) == (before.mpid, before.identities, before.platform)


def test_only_the_chosen_events_go_on():
    body = batch(event("Play"), {"event_type": "session_start", "data": {}}, event("Pause"), event("Seek Start"))
    assert [one["data"]["event_name"] for one in rendered(body, "web", [0, 3])["events"]] == ["Play", "Seek Start"]
    assert [one["data"]["event_name"] for one in rendered(body, "web")["events"]] == ["Play", "Pause", "Seek Start"]


def test_ids_are_numbers_with_every_digit():
    assert rendered(batch(event(), mpid="-7346244611012968789"), "web")["mpid"] == -7346244611012968789
    assert '"mpid":9007199254740993' in render(batch(event(), mpid="9007199254740993"), "web", None, "r").decode()


def test_a_captured_web_batch_goes_on_without_its_nulls():
    sent = rendered(uploads("web/ad_break.json")[0], "web")
    assert sent["source_request_id"] == "r-1"
    assert "user_identities" not in sent
    assert "consent_state" not in sent
    assert all(value is not None for one in sent["events"] for value in one["data"].values())
    assert sent["mp_deviceid"] == "0cdc91f9-f219-487d-1eb7-a4326c74f5fe"


def test_attributes_go_on_as_they_were_sent():
    attributes = {"media_session_id": "s", "playhead_position": "12.0", "content_type": "video", "x": None}
    (one,) = rendered(batch(event("Media Ad Summary", attributes)), "server")["events"]
    assert one["data"]["custom_attributes"] == attributes
    assert one["data"]["event_name"] == "Media Ad Summary"


def test_what_only_mparticle_writes_is_left_out():
    outgoing = event(event_id=-3, session_id=9, session_start_unixtime_ms=0)
    sent = rendered(
        batch(outgoing, batch_id=-1, schema_version=2, source_info={"channel": "x"}, environment="unknown",
              user_identities=[{"identity_type": "customerid", "identity": "c"}],
              batch_context={"data_plan": {"plan_id": "p"}}),
        "webhook",
    )  # fmt: skip
    assert not {"batch_id", "schema_version", "source_info"} & sent.keys()
    assert not {"event_id", "session_id", "session_start_unixtime_ms"} & sent["events"][0]["data"].keys()
    assert (sent["environment"], sent["user_identities"]) == ("production", {"customer_id": "c"})
    assert sent["context"] == {"data_plan": {"plan_id": "p"}}


def test_times_in_texts_become_numbers():
    (one,) = rendered(batch(event(timestamp_unixtime_ms="1573828863888")), "server")["events"]
    assert one["data"]["timestamp_unixtime_ms"] == 1573828863888


def test_an_event_is_shown_as_it_was_sent():
    _, body = native("ios_full")
    assert event_at(body, "native", 0) == json.loads(body)["msgs"][0]
    assert event_at(batch(event("Play"), event("Pause")), "web", 1) == event("Pause")
    assert event_at(json.dumps(event()).encode(), "webhook", 0) == event()
    assert event_at(batch(event()), "web", 7) == {}
