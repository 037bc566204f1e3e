"""Short keys: four platforms tell one story and end in the same words."""

import json

import pytest

from sessions_app.timeline import events
from sessions_app.wire.batch import WireError
from sessions_app.wire.native import parse_legacy_web, parse_native
from tests.wire.samples import NOW_MS, native

PHONES = ["android_full", "android_default_summaries_only", "ios_full", "ios_nan_rate", "roku_full"]


def read(name):
    capture, body = native(name)
    return parse_native(body, NOW_MS, capture["headers"]["User-Agent"])


def summary(batch, name):
    return next(one for one in batch.reported if one.event.name == name)


@pytest.mark.parametrize("name", PHONES)
def test_every_reconstructed_upload_is_read_whole(name):
    _, body = native(name)
    sent = json.loads(body)
    batch = read(name)
    assert batch.rejected == ()
    assert [one.event.at_ms for one in batch.reported] == [one["ct"] for one in sent["msgs"]]
    assert (batch.source_request_id, batch.sent_at_ms) == (sent["id"], sent["ct"])
    assert (batch.mpid, batch.device_id) == (str(sent["mpid"]), sent["das"])
    assert batch.environment == "development"


@pytest.mark.parametrize(
    ("name", "platform"), [("android_full", "android"), ("ios_full", "ios"), ("roku_full", "roku")]
)
def test_the_platform_is_the_clients_own_word(name, platform):
    assert read(name).platform == platform


def test_identities_are_numbers_on_the_wire():
    assert dict(read("ios_full").identities) == {
        "mpid": "6504934091054997508",
        "customer_id": "cust-42",
        "email": "viewer@example.com",
        "mp_deviceid": "24e78bf4-257d-440c-9c75-3b793cd41971",
    }


@pytest.mark.parametrize("name", ["android_full", "ios_full", "roku_full"])
def test_names_of_summaries_are_the_same_on_every_platform(name):
    names = {one.event.name for one in read(name).reported}
    assert names >= events.SUMMARIES
    assert names <= events.NAMES | {"Error", "Custom Media Event"}


def test_units_of_summaries_are_milliseconds_on_every_platform():
    spent = {
        name: summary(read(name), events.MEDIA_SESSION_SUMMARY).event.attributes["media_time_spent"]
        for name in ("android_full", "ios_full", "roku_full")
    }
    assert spent == {"android_full": 112_000, "ios_full": 112_001, "roku_full": 22_751}


def test_the_same_ad_reads_the_same_on_android_and_ios():
    android, ios = (
        summary(read(name), events.AD_SESSION_SUMMARY).event.attributes for name in ("android_full", "ios_full")
    )
    for key in ("ad_content_id", "ad_content_title", "ad_break_id", "ad_completed", "ad_skipped"):
        assert android[key] == ios[key]
    # iOS cuts to whole seconds.
    assert 0 <= android["ad_content_start_time"] - ios["ad_content_start_time"] < 1000


def test_what_the_client_sent_is_kept_beside_what_it_means():
    one = summary(read("ios_full"), events.MEDIA_SESSION_SUMMARY)
    assert float(json.loads(one.sent_attributes_json)["media_time_spent"]) == pytest.approx(112.0, abs=0.01)
    plain = read("ios_full").reported[0]
    assert plain.event.name == "Media Session Start"
    assert plain.sent_attributes_json is None


def test_ad_lists_of_three_shapes_are_one():
    for name in ("android_full", "ios_full", "roku_full"):
        attributes = summary(read(name), events.MEDIA_SESSION_SUMMARY).event.attributes
        assert attributes["media_session_ad_objects"] == ["ABC890", "ABC543"]


def test_nan_stays_a_word():
    (one,) = read("ios_nan_rate").reported
    assert one.event.attributes["media_ad_time_spent_rate"] == "nan"
    assert one.event.attributes["media_session_ad_objects"] == []


def test_a_rokus_first_event_may_have_no_session():
    first = read("roku_full").reported[0]
    assert (first.event.name, first.media_session_id) == ("Custom Media Event", None)


def test_session_messages_and_crashes_are_ignored():
    body = json.dumps({"mpid": "1", "msgs": [{"dt": "ss", "id": "X"}, {"dt": "x"}, {"dt": "media"}, {"dt": "e"}]})
    batch = parse_native(body.encode(), NOW_MS, "ios")
    assert (batch.reported, batch.rejected, batch.ignored) == ((), (), 4)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"msgs":null}', b'{"msgs":{}}', b'"x"'])
def test_a_batch_without_messages_is_none(body):
    with pytest.raises(WireError) as error:
        parse_native(body, NOW_MS, "ios")
    assert error.value.code == "INVALID_BATCH"


def legacy(**fields):
    return json.dumps(
        {
            "dt": 4, "et": 9, "n": "Play", "ct": 1573828863888, "sid": "ABC", "ssd": 1573828860000, "mpid": "-7",
            "das": "d-1", "dbg": False, "sdk": "2.20.0", "av": "1.0",
            "attrs": {"media_session_id": "s", "playhead_position": 12},
            "ui": [{"Identity": "cust", "Type": 1}, {"Identity": "x", "Type": 99}],
            "flags": {"f": ["v"]},
            **fields,
        }
    ).encode()  # fmt: skip


def test_the_web_sdk_before_batching_sends_one_event():
    batch = parse_legacy_web(legacy(), NOW_MS, "web")
    (one,) = batch.reported
    assert (one.event.name, one.event.at_ms, one.media_session_id) == ("Play", 1573828863888, "s")
    assert one.event.attributes["playhead_position"] == 12
    assert (batch.mpid, batch.platform, batch.environment) == ("-7", "web", "production")
    assert dict(batch.identities)["customer_id"] == "cust"
    assert batch.source_request_id is None


def test_legacy_events_of_other_types_are_ignored():
    assert parse_legacy_web(legacy(dt=1), NOW_MS, "web").ignored == 1
    assert parse_legacy_web(legacy(et=1), NOW_MS, "web").ignored == 1


def test_a_legacy_fault_names_the_field_that_was_sent():
    (one,) = parse_legacy_web(legacy(ct="soon"), NOW_MS, "web").rejected
    assert (one.code, one.pointer, one.raw) == ("INVALID_TIMESTAMP", "/ct", legacy(ct="soon"))
