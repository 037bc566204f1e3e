"""One session told in every client's dialect, through its own door: the same timeline and the same numbers."""

import json

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.timeline import events
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.spans import build
from sessions_app.timeline.summary import ads, segments, summarize
from sessions_app.wire.native import parse_native
from sessions_app.wire.parse import parse

from .histories import A_QUARTER, histories, moments

RULES = Rules()
OTHER_SPELLINGS = {
    events.AD_SESSION_SUMMARY: "Media Ad Summary",
    events.SEGMENT_SESSION_SUMMARY: "Media Segment Summary",
}


def as_web(event):
    """Long keys, values as JSON has them."""
    data = {
        "custom_event_type": "media",
        "event_name": OTHER_SPELLINGS.get(event.name, event.name),
        "timestamp_unixtime_ms": event.at_ms,
        "source_message_id": event.key,
        "custom_attributes": {"media_session_id": "s", **event.attributes},
    }
    return {"timestamp_unixtime_ms": event.batch_at_ms, "events": [{"event_type": "custom_event", "data": data}]}


def as_roku(event):
    """Short keys, every value a text."""
    attributes = {name: as_text(value) for name, value in event.attributes.items()}
    message = {"dt": "e", "et": "media", "n": event.name, "ct": event.at_ms, "id": event.key}
    return {"dt": "h", "ct": event.batch_at_ms, "msgs": [{**message, "attrs": {"media_session_id": "s", **attributes}}]}


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value)


def heard(told, said, parser, platform):
    """The events as they come out of a door, each in a batch of its own."""
    for event in told:
        (reported,) = parser(json.dumps(said(event)).encode(), event.received_at_ms, platform).reported
        yield reported.event


def shown(told, now_ms):
    timeline = build(told, RULES, now_ms)
    return timeline.to_json(), summarize(timeline), ads(timeline), segments(timeline)


@A_QUARTER
@given(st.data())
def test_numbers_and_texts_short_keys_and_long_tell_the_same_session(data):
    told = [event._replace(index_in_batch=0) for event in data.draw(histories(plain=True)) if event.at_ms >= 0]
    now_ms = data.draw(moments(told)) if told else 0
    web = list(heard(told, as_web, parse, "web"))
    roku = list(heard(told, as_roku, parse_native, "roku"))
    assert [event.name for event in web] == [event.name for event in roku] == [event.name for event in told]
    assert shown(web, now_ms) == shown(roku, now_ms)
    # Where all else is equal the key decides the order, and a door makes it a hash of what was sent.
    keyed = [event._replace(key=heard_one.key) for event, heard_one in zip(told, web, strict=True)]
    assert shown(web, now_ms)[1] == summarize(build(keyed, RULES, now_ms))
