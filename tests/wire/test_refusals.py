"""What cannot be kept: the reason, the place, and bytes that can be tried again."""

import base64
import json

import pytest

from sessions_app.wire.batch import WireError
from sessions_app.wire.native import parse_legacy_web, parse_native
from sessions_app.wire.parse import parse
from tests.wire.samples import BAD_INPUTS, NOW_MS, batch, event


def _bad_inputs():
    for line in BAD_INPUTS.open(encoding="utf-8"):
        one = json.loads(line)
        is_about_parsing = one["group"] not in ("http", "auth", "media") and "generator" not in one
        if is_about_parsing and "Content-Encoding" not in one["headers"]:
            yield pytest.param(one, id=one["id"])


@pytest.mark.parametrize("one", list(_bad_inputs()))
def test_a_bad_input_ends_as_its_contract_says(one):
    body = one["body"].encode("utf-8", "surrogatepass") if "body" in one else base64.b64decode(one["body_b64"])
    try:
        read = parse(body, NOW_MS, "server")
    except WireError as error:
        status, words, keys = 400, f"{error.code} {error.message}", set()
    else:
        status, words = 202, " ".join(fault.message for fault in read.rejected)
        keys = {reported.event.key for reported in read.reported}
    assert status in one["expect_status"]
    assert (one["expect_error_contains"] or "").lower() in words.lower()
    assert len(keys) >= one["valid_events"]


@pytest.mark.parametrize(
    ("broken", "code", "pointer"),
    [
        (None, "INVALID_EVENT", ""),
        ("x", "INVALID_EVENT", ""),
        ({}, "INVALID_EVENT", "/event_type"),
        ({"event_type": ["custom_event"]}, "INVALID_EVENT", "/event_type"),
        ({"event_type": "custom_event"}, "INVALID_EVENT", "/data"),
        ({**event(), "event_type": "flux"}, "INVALID_EVENT", "/event_type"),
        (event(custom_event_type=None), "INVALID_EVENT", "/data/custom_event_type"),
        (event(""), "INVALID_EVENT", "/data/event_name"),
        (event(["Play"]), "INVALID_EVENT", "/data/event_name"),
        (event(attributes="x"), "INVALID_EVENT", "/data/custom_attributes"),
        (event(timestamp_unixtime_ms=""), "INVALID_TIMESTAMP", "/data/timestamp_unixtime_ms"),
        (event(timestamp_unixtime_ms=" 7 "), "INVALID_TIMESTAMP", "/data/timestamp_unixtime_ms"),
        (event(timestamp_unixtime_ms="١٢٣"), "INVALID_TIMESTAMP", "/data/timestamp_unixtime_ms"),
        (event(timestamp_unixtime_ms=True), "INVALID_TIMESTAMP", "/data/timestamp_unixtime_ms"),
        (event(timestamp_unixtime_ms=-1), "INVALID_TIMESTAMP", "/data/timestamp_unixtime_ms"),
        (event(timestamp_unixtime_ms=253_402_300_800_000), "INVALID_TIMESTAMP", "/data/timestamp_unixtime_ms"),
        (event(attributes={"media_session_id": "a\0"}), "INVALID_TEXT", "/data/custom_attributes"),
        (event(attributes={"x": ["\ud800"]}), "INVALID_TEXT", "/data/custom_attributes"),
        (event("Pl\0ay"), "INVALID_TEXT", "/data/event_name"),
    ],
)
def test_a_bad_event_is_put_aside_and_its_neighbours_go_on(broken, code, pointer):
    read = parse(batch(event(), broken, event("Pause")), NOW_MS, "server")
    (one,) = read.rejected
    assert (one.index, one.code, one.pointer) == (1, code, f"/events/1{pointer}")
    assert [good.event.name for good in read.reported] == ["Play", "Pause"]
    assert read.received == 3


@pytest.mark.parametrize("broken", [None, event(timestamp_unixtime_ms=""), event(attributes={"x": "\ud800"})])
def test_a_rejected_event_can_go_through_the_same_door_alone(broken):
    (one,) = parse(batch(event(), broken, source_request_id="r-1"), NOW_MS, "server").rejected
    again = parse(one.raw, NOW_MS, "server")
    assert [fault.code for fault in again.rejected] == [one.code]
    assert (again.reported, again.source_request_id, again.mpid) == ((), "r-1", "42")


def test_a_rejected_event_keeps_its_bytes():
    odd = '{"event_type": "custom_event",  "data": 1e400}'
    body = '{"mpid":"42","events":[' + odd + '],"environment":"development"}'
    (one,) = parse(body.encode(), NOW_MS, "server").rejected
    assert one.raw == b'{"mpid":"42","environment":"development","events":[%s]}' % odd.encode()


def test_a_rejected_event_says_what_it_was():
    broken = event("Pause\0", {"media_session_id": "s\0-9"})
    (one,) = parse(batch(broken), NOW_MS, "server").rejected
    assert (one.event_name, one.media_session_id) == ("Pause\ufffd", "s\ufffd-9")


def test_an_identity_that_cannot_be_one_refuses_the_batchs_events():
    for identity in ({"$ne": None}, "a\0b", True):
        (one,) = parse(batch(event(), user_identities={"e/mail": identity}), NOW_MS, "server").rejected
        assert (one.code, one.pointer) == ("INVALID_TEXT", "/user_identities/e~1mail")


def test_words_to_show_are_made_storable():
    read = parse(batch(event(), environment="pro\0d", device_info={"device_model": "\ud800x"}), NOW_MS, "web")
    assert (read.environment, read.device) == ("pro\ufffdd", "?x")
    assert len(read.reported) == 1


@pytest.mark.parametrize("depth", [65, 100, 999, 1001, 50_000])
def test_no_depth_is_deep_enough_to_break_it(depth):
    for body in (b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth, b'["]",' * depth):
        for read in (parse, parse_native, parse_legacy_web):
            with pytest.raises(WireError):
                read(body, NOW_MS, "server")


def test_brackets_in_texts_are_not_depth():
    read = parse(batch(event(attributes={"media_session_id": "[" * 500 + "{" * 500})), NOW_MS, "web")
    assert len(read.reported) == 1


def test_an_attribute_hidden_from_the_quick_look_is_still_too_deep():
    value = '["]",' * 60 + "0" + "]" * 60
    body = b'{"events":[{"event_type":"custom_event","data":{"custom_event_type":"media","event_name":"Play",'
    body += b'"custom_attributes":{"x":%s}}}]}' % value.encode()
    (one,) = parse(body, NOW_MS, "server").rejected
    assert one.code == "TOO_DEEP"


def test_a_byte_order_mark_is_ignored():
    assert len(parse(b"\xef\xbb\xbf" + batch(event()), NOW_MS, "server").reported) == 1


def test_a_native_fault_is_named_in_short_keys():
    body = b'{"mpid":"1","msgs":[{"dt":"e","et":"Media","n":"Play","ct":"soon"}]}'
    (one,) = parse_native(body, NOW_MS, "ios").rejected
    assert one.pointer == "/msgs/0/ct"
    assert parse_native(one.raw, NOW_MS, "ios").rejected[0].code == "INVALID_TIMESTAMP"


def test_a_bare_events_fault_is_named_where_it_is():
    (one,) = parse(b'{"event_type":"custom_event","data":3}', NOW_MS, "webhook").rejected
    assert (one.pointer, one.raw) == ("/data", b'{"event_type":"custom_event","data":3}')
