"""Whatever comes over the wire: a Batch or a WireError, and what is reported can be stored."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app.wire import vocabulary
from sessions_app.wire.batch import Batch, WireError
from sessions_app.wire.identity import answer, read_request
from sessions_app.wire.native import parse_legacy_web, parse_native
from sessions_app.wire.parse import parse, parse_bulk
from sessions_app.wire.render import event_at, render
from sessions_app.wire.unpack import inflate
from tests.wire.samples import NOW_MS, event

PLATFORMS = st.sampled_from(["web", "ios", "android", "roku", "server", "webhook", ""])
ATTRIBUTES = sorted(
    vocabulary.TEXTS | vocabulary.DURATIONS | vocabulary.COUNTS | vocabulary.FRACTIONS | vocabulary.FLAGS
    | vocabulary.MOMENTS | vocabulary.TIMES_SPENT
    | {"media_session_id", "media_session_ad_objects", "content_type", "stream_type", "ad_break", "stream_format"}
)  # fmt: skip
# Texts with everything in them: NUL, lone surrogates, digits of other scripts.
TEXTS = st.text(st.characters(codec=None, categories=None), max_size=12) | st.sampled_from(
    ["", "0", "12.0", "nan", "-inf", "1e999", "٣", "true", "2026-11-23T02:13:51+0000", "[a, b]", '["a"]', "[" * 40]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))
NAMES = st.sampled_from(["Play", "Media Session Summary", "Media Segment Summary", "Ad Session Summary"]) | JSON


def some(strategy):
    """The right shape, mostly."""
    return strategy | JSON


LONG_DATA = st.fixed_dictionaries(
    {},
    optional={
        "custom_event_type": st.sampled_from(["media", "Media", 9, "other"]) | JSON,
        "event_name": NAMES,
        "timestamp_unixtime_ms": some(st.integers(0, 10**16)),
        "custom_attributes": some(st.dictionaries(st.sampled_from(ATTRIBUTES) | TEXTS, JSON, max_size=6)),
        "source_message_id": JSON,
        "event_id": JSON,
    },
)
LONG_EVENTS = st.fixed_dictionaries({"event_type": some(st.just("custom_event")), "data": some(LONG_DATA)})
BATCH_FIELDS = """mpid mp_deviceid user_identities device_info application_info environment timestamp_unixtime_ms
source_request_id sdk_version context consent_state"""
LONG = st.fixed_dictionaries(
    {"events": some(st.lists(some(LONG_EVENTS), max_size=4))}, optional=dict.fromkeys(BATCH_FIELDS.split(), JSON)
)
SHORT_MESSAGES = st.fixed_dictionaries(
    {"dt": some(st.sampled_from(["e", "ss", 4]))},
    optional={"et": st.sampled_from(["Media", "media", 9]) | JSON, "n": NAMES, "attrs": JSON, "ct": JSON, "id": JSON,
              "lc": JSON},
)  # fmt: skip
SHORT = st.fixed_dictionaries(
    {"msgs": some(st.lists(some(SHORT_MESSAGES), max_size=4))},
    optional=dict.fromkeys(("mpid", "das", "ui", "ai", "di", "con", "ctx", "dbg", "id", "ct"), JSON),
)
MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(batches):
    for batch in batches:
        assert isinstance(batch, Batch)
        for one in batch.reported:
            attributes = one.attributes_json.decode()
            stored = [one.event.name, attributes, one.sent_attributes_json or "", one.media_session_id or ""]
            for text in (*stored, *(word for pair in batch.identities for word in pair), batch.mpid):
                assert "\0" not in text
                text.encode()
            json.loads(one.attributes_json)
            json.dumps(one.event.attributes, allow_nan=False)
            assert -(2**63) <= one.content_hash < 2**63
            assert len(one.event.key) == 32
            assert 0 <= one.event.at_ms < 2**63
        for fault in batch.rejected:
            (fault.event_name or "").encode()
            assert "\0" not in (fault.event_name or "") + (fault.media_session_id or "") + fault.message
            (fault.message + fault.pointer).encode("utf-8", "surrogatepass")


def read(parser, body, platform):
    try:
        made = parser(body, NOW_MS, platform)
    except WireError as refusal:
        why = refusal.code
    else:
        why = None
    assert why in {None, "INVALID_JSON", "INVALID_ENCODING", "TOO_DEEP", "INVALID_BATCH"}
    if why is None:
        check(made if isinstance(made, list) else [made])


def wire(document):
    return json.dumps(document).encode()


@MANY
@given(st.binary(max_size=300), PLATFORMS)
def test_any_bytes_are_a_batch_or_a_reason(body, platform):
    for parser in (parse, parse_bulk, parse_native, parse_legacy_web):
        read(parser, body, platform)


@MANY
@given(LONG, PLATFORMS)
def test_any_long_keys_are_a_batch_or_a_reason(document, platform):
    read(parse, wire(document), platform)
    read(parse_bulk, wire([document, document]), platform)


@MANY
@given(SHORT, PLATFORMS)
def test_any_short_keys_are_a_batch_or_a_reason(document, platform):
    read(parse_native, wire(document), platform)


@MANY
@given(SHORT_MESSAGES | JSON)
def test_any_legacy_event_is_a_batch_or_a_reason(document):
    read(parse_legacy_web, wire(document), "web")


@MANY
@given(LONG, PLATFORMS)
def test_what_was_rejected_is_rejected_again_for_the_same_reason(document, platform):
    try:
        rejected = parse(wire(document), NOW_MS, platform).rejected
    except WireError:
        return
    for fault in rejected:
        assert [again.code for again in parse(fault.raw, NOW_MS, platform).rejected] == [fault.code]


@MANY
@given(LONG | SHORT, st.sampled_from(["server", "web", "native", "legacy_web", "webhook", "bulk"]))
def test_any_stored_body_can_be_rendered_and_shown(document, door):
    body = wire(document)
    sent = json.loads(render(body, door, None, "r"))
    assert sent["source_request_id"] == "r"
    json.dumps(event_at(body, door, 0), allow_nan=False)


@MANY
@given(st.binary(max_size=200))
def test_any_gzip_is_unpacked_or_refused(body):
    try:
        unpacked, why = inflate(b"\x1f\x8b\x08" + body, 1000), None
    except WireError as refusal:
        unpacked, why = b"", refusal.code
    assert len(unpacked) <= 1000
    assert why in {None, "INVALID_GZIP", "TOO_LARGE"}


@MANY
@given(JSON, st.sampled_from(["identify", "login", "logout", "modify"]))
def test_any_identity_request_has_an_answer(document, action):
    try:
        request = read_request(wire(document))
    except WireError:
        return
    json.dumps(answer(action, request, "w"))


@given(st.permutations([event("Play"), event("Pause", source_message_id="1"), None, {"event_type": "opt_out"}]))
def test_the_place_in_a_batch_changes_no_key(events):
    keys = {one.event.name: one.event.key for one in parse(wire({"events": events}), NOW_MS, "web").reported}
    straight = parse(wire({"events": [event("Play"), event("Pause", source_message_id="1")]}), NOW_MS, "web")
    assert keys == {one.event.name: one.event.key for one in straight.reported}
