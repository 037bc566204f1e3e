"""Long-key batches: what is kept, what is ignored, whose they are."""

import json

import pytest

from sessions_app.wire.batch import WireError
from sessions_app.wire.parse import parse, parse_bulk
from tests.wire.samples import NOW_MS, batch, captured, event, uploads

WEB = [
    "ad_break", "cname_identity", "custom_mixed", "live_stream", "login_mid_play", "pause_seek_buffer", "qos",
    "retry_no_cors_header", "segments", "vod_complete",
]  # fmt: skip


@pytest.mark.parametrize("name", WEB)
def test_every_captured_web_upload_is_read_whole(name):
    for body in uploads(f"web/{name}.json"):
        sent = json.loads(body)
        read = parse(body, NOW_MS, "web")
        media = [one for one in sent["events"] if one["data"].get("custom_event_type") == "media"]
        assert read.rejected == ()
        assert [one.event.at_ms for one in read.reported] == [one["data"]["timestamp_unixtime_ms"] for one in media]
        assert read.ignored == len(sent["events"]) - len(media)
        assert (read.source_request_id, read.mpid) == (sent["source_request_id"], sent["mpid"])
        assert (read.platform, read.raw) == ("web", body)


def test_the_official_python_client_is_read():
    (body,) = uploads("server/python_events.json")
    read = parse(body, NOW_MS, "server")
    assert [one.event.name for one in read.reported] == [
        "Media Session Start", "Play", "Pause", "Custom Media Event", "Media Session End",
    ]  # fmt: skip
    assert ("customer_id", "cust-0") in read.identities
    assert ("mpid", "7346244611012968789") in read.identities


def test_the_official_node_client_sends_bulk():
    (body,) = uploads("server/node_bulkevents.json")
    first, second = parse_bulk(body, NOW_MS, "server")
    assert len(first.reported) == len(second.reported) == 5
    assert dict(first.identities)["customer_id"] == "cust-0"
    assert parse(first.raw, NOW_MS, "server").reported == first.reported


def test_a_bulk_item_that_is_no_batch_costs_only_itself():
    body = b'[null, {"events": {}}, %s]' % batch(event())
    broken, shapeless, good = parse_bulk(body, NOW_MS, "server")
    assert [one.rejected[0].pointer for one in (broken, shapeless)] == ["", "/events"]
    assert broken.rejected[0].raw == b"null"
    assert broken.received == 1
    assert len(good.reported) == 1


def test_bulk_wants_an_array_and_the_others_an_object():
    with pytest.raises(WireError, match="array"):
        parse_bulk(batch(event()), NOW_MS, "server")
    with pytest.raises(WireError, match="object"):
        parse(b"[]", NOW_MS, "server")


def test_other_event_types_are_ignored_quietly():
    read = parse(batch({"event_type": "session_start", "data": {}}, event()), NOW_MS, "web")
    assert (len(read.reported), read.rejected, read.ignored) == (1, (), 1)


def test_custom_events_of_other_types_are_ignored_quietly():
    read = parse(batch(event(custom_event_type="navigation"), event(custom_event_type=1)), NOW_MS, "web")
    assert (read.reported, read.rejected, read.ignored) == ((), (), 2)


@pytest.mark.parametrize("kind", ["media", "Media", "MEDIA", 9])
def test_media_is_media_in_any_case_and_as_a_number(kind):
    assert len(parse(batch(event(custom_event_type=kind)), NOW_MS, "web").reported) == 1


def test_the_sources_own_example_with_everything_as_strings_is_read():
    read = parse(
        batch(
            event(
                "Play",
                {"media_session_id": "s", "content_duration": "120000", "playhead_position": "110123"},
                timestamp_unixtime_ms="1573828863888",
                event_id="-109840007014118971",
                session_id="-8572887793551346848",
            )
        ),
        NOW_MS,
        "server",
    )
    (one,) = read.reported
    assert one.event.at_ms == 1_573_828_863_888
    assert one.event.attributes["content_duration"] == 120_000
    assert one.sent_attributes_json is None


@pytest.mark.parametrize("mpid", ["7346244611012968789", 7346244611012968789, "-9223372036854775808", 9007199254740993])
def test_an_mpid_keeps_every_digit(mpid):
    assert parse(batch(event(), mpid=mpid), NOW_MS, "web").mpid == str(mpid)


@pytest.mark.parametrize("mpid", [None, 0, "0"])
def test_no_mpid_is_nobody(mpid):
    read = parse(batch(event(), mpid=mpid), NOW_MS, "web")
    assert (read.mpid, read.identities) == ("", ())
    assert len(read.reported) == 1


@pytest.mark.parametrize("mpid", ["", True, "12.0", 1.5, 2**63, [], "٣", " 7"])
def test_a_broken_mpid_gives_its_events_to_nobody(mpid):
    read = parse(batch(event(), {"event_type": "session_end", "data": {}}, mpid=mpid), NOW_MS, "web")
    (one,) = read.rejected
    assert (one.code, one.pointer, one.index) == ("INVALID_NUMBER", "/mpid", 0)
    assert (read.reported, read.ignored) == ((), 1)


def test_identities_come_in_every_spelling():
    inbound = {"customerid": "c", "email": "e@x", "other2": 7, "facebook": None}
    read = parse(batch(event(), user_identities=inbound, mp_deviceid="D"), NOW_MS, "web")
    assert read.identities == (
        ("mpid", "42"), ("customer_id", "c"), ("email", "e@x"), ("other_id_2", "7"), ("mp_deviceid", "D"),
    )  # fmt: skip
    outgoing = [{"identity_type": "customer_id", "identity": "c", "created_this_batch": True}, None]
    assert ("customer_id", "c") in parse(batch(event(), user_identities=outgoing), NOW_MS, "webhook").identities


def test_a_webhook_may_post_a_bare_event_or_no_events():
    bare = parse(json.dumps(event()).encode(), NOW_MS, "webhook")
    assert len(bare.reported) == 1
    assert parse(batch(events=None), NOW_MS, "webhook").received == 0
    assert parse(b'{"request_type":"alias"}', NOW_MS, "webhook").received == 0


def test_an_mparticle_batch_of_the_outgoing_shape_is_read():
    outgoing = event(event_id=-3, session_id=9, session_start_unixtime_ms=0, location=None)
    read = parse(
        batch(
            outgoing, batch_id=-1, message_id="m", source_info={"channel": "native"}, device_info={"platform": "iOS"}
        ),
        NOW_MS,
        "webhook",
    )
    assert (len(read.reported), read.platform) == (1, "ios")


def test_an_event_without_a_time_happened_when_it_arrived():
    (one,) = parse(batch(event(timestamp_unixtime_ms=None)), NOW_MS, "server").reported
    assert one.event.at_ms == NOW_MS


def test_the_batchs_own_clock_breaks_ties():
    (one,) = parse(batch(event(), timestamp_unixtime_ms=NOW_MS - 5), NOW_MS, "web").reported
    assert one.event.batch_at_ms == NOW_MS - 5
    (untimed,) = parse(batch(event()), NOW_MS, "web").reported
    assert untimed.event.batch_at_ms == NOW_MS


@pytest.mark.parametrize("media_session_id", [None, "", 7, {"a": 1}, ["s"]])
def test_an_event_that_names_no_session_belongs_to_its_viewer(media_session_id):
    (one,) = parse(batch(event(attributes={"media_session_id": media_session_id})), NOW_MS, "web").reported
    assert one.media_session_id is None


def test_a_session_id_is_opaque_text():
    for text in ("A0-b", " s ", "../../etc/passwd", "337e3989-4385-44bb-d626-x"):
        (one,) = parse(batch(event(attributes={"media_session_id": text})), NOW_MS, "web").reported
        assert one.media_session_id == text


def test_one_event_has_one_key_whoever_brings_it():
    direct = parse(batch(event(source_message_id="m-1")), NOW_MS, "web").reported[0]
    relayed = parse(batch(event(), event(source_message_id="m-1")), NOW_MS + 9, "webhook").reported[1]
    assert direct.event.key == relayed.event.key
    assert direct.content_hash == relayed.content_hash


def test_ids_are_compared_as_sent():
    keys = {parse(batch(event(source_message_id=one)), NOW_MS, "web").reported[0].event.key for one in ("a", "A", "a ")}
    assert len(keys) == 3


def test_an_event_without_an_id_is_known_by_its_content():
    once, again = (parse(batch(event(), source_request_id=one), NOW_MS, "web").reported[0] for one in ("r1", "r2"))
    other = parse(batch(event("Pause")), NOW_MS, "web").reported[0]
    assert once.event.key == again.event.key != other.event.key


def test_an_event_with_neither_id_nor_time_is_known_by_its_place():
    body = batch(event(timestamp_unixtime_ms=None), event(timestamp_unixtime_ms=None), source_request_id="r")
    first, second = parse(body, NOW_MS, "web").reported
    again, _ = parse(body, NOW_MS + 60_000, "web").reported
    assert first.event.key == again.event.key != second.event.key


def test_the_order_of_attributes_is_no_other_content():
    one = parse(batch(event(attributes={"media_session_id": "s", "a": "1", "b": "2"})), NOW_MS, "web").reported[0]
    two = parse(batch(event(attributes={"b": "2", "a": "1", "media_session_id": "s"})), NOW_MS, "web").reported[0]
    assert one.content_hash == two.content_hash


def test_what_a_batch_came_from_is_shown():
    device = {"platform": "Android", "device_manufacturer": "Google", "device_model": "Pixel", "os_version": "33",
              "build_version_release": "13"}  # fmt: skip
    app = {"application_name": "TV", "application_version": 4}
    read = parse(batch(event(), device_info=device, application_info=app, sdk_version="5.79.0"), NOW_MS, "server")
    assert (read.platform, read.device, read.os) == ("android", "Google Pixel", "Android 13")
    assert (read.app_name, read.app_version, read.sdk_version) == ("TV", "4", "5.79.0")


def test_the_inputs_platform_stands_in_for_a_silent_batch():
    assert parse(batch(event(), device_info=None), NOW_MS, "roku").platform == "roku"


def test_a_login_changes_the_viewer_of_the_next_batch_alone():
    reads = [parse(body, NOW_MS, "web") for body in uploads("web/login_mid_play.json")]
    sessions = {one.media_session_id for read in reads for one in read.reported}
    assert len({read.mpid for read in reads}) == 2
    assert len(sessions) == 1


def test_resent_batches_are_the_same_batch():
    bodies = uploads("web/retry_no_cors_header.json")
    reads = [parse(body, NOW_MS, "web") for body in bodies]
    assert len(captured("web/retry_no_cors_header.json")) == len(bodies)
    keys = [tuple(one.event.key for one in read.reported) for read in reads if read.source_request_id[:4] == "7efd"]
    assert len(keys) > 10
    assert len(set(keys)) == 1
