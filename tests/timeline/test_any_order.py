"""The first promise: a session is a function of the set of its events, and every moment is counted once."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.summaries.shares import share_of
from sessions_app.timeline.clocks import is_impossible, place
from sessions_app.timeline.findings import findings
from sessions_app.timeline.reconcile import reconcile
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import State, advance, begun, close_if_due, current, extend, replay
from sessions_app.timeline.spans import TimelineBuilder, as_of, build, known_at
from sessions_app.timeline.summary import ads, segments, summarize

from .histories import A_QUARTER, DAY_MS, arrivals, histories, moments

RULES = Rules()


@given(st.data())
def test_the_order_of_arrival_does_not_matter(data):
    told, batches = data.draw(arrivals())
    now_ms = data.draw(moments(told))
    state, builder, seen = State(), TimelineBuilder(RULES), {}
    for batch in batches:
        new = {event.key: event for event in reversed(batch) if event.key not in seen}
        seen |= new
        moved = extend(state, new.values(), RULES)
        state = replay(seen.values(), RULES) if moved is None else moved
        builder.add(batch)
        if data.draw(st.booleans()):
            state = close_if_due(state, now_ms, RULES)
    assert close_if_due(state, now_ms, RULES) == close_if_due(replay(told, RULES), now_ms, RULES)
    live, settled = builder.timeline(now_ms), build(told, RULES, now_ms)
    assert live.state == settled.state
    assert live.to_json() == settled.to_json() == builder.to_json(now_ms)
    assert said_of(live) == said_of(settled)


def said_of(timeline):
    """Everything a settled session says."""
    values = summarize(timeline)
    return {
        "values": values,
        "ads": ads(timeline),
        "segments": segments(timeline),
        "findings": findings(timeline),
        "share": share_of(timeline, values),
        **{platform: reconcile(timeline, platform) for platform in ("web", "android", "ios", "roku", "")},
    }


@A_QUARTER
@given(st.data())
def test_when_events_arrived_decides_nothing_but_how_late_they_were(data):
    told = [event for event in data.draw(histories()) if not is_impossible(event)]
    chance = data.draw(st.randoms(use_true_random=False))
    again = [event._replace(received_at_ms=event.at_ms + chance.choice([0, 700, 90_000, 7 * DAY_MS])) for event in told]
    assert drawn_and_counted(told) == drawn_and_counted(again)


def drawn_and_counted(told):
    """All but the lateness, as of the last event."""
    timeline = build(told, RULES, max((event.at_ms for event in told), default=0))
    lanes, values = timeline.to_json(), summarize(timeline)
    del lanes["late"], values["late_event_count"]
    return lanes, values


@given(histories())
def test_each_event_alone_comes_to_the_same_as_the_whole_history(told):
    in_order, offsets = place(told)
    state = begun(offsets, RULES)
    builder = TimelineBuilder(RULES)
    for count, event in enumerate(in_order, 1):
        state = State.decode(advance(state, event, RULES).encode())
        builder.add([event])
        again = replay(in_order[:count], RULES)
        again.ahead_offset_ms, again.unset_offset_ms = offsets
        assert state == again
        assert builder.to_json(event.at_ms) == build(in_order[:count], RULES, event.at_ms).to_json()


@given(st.data())
def test_every_millisecond_is_in_exactly_one_state(data):
    told = data.draw(histories())
    now_ms = data.draw(moments(told))
    timeline = build(told, RULES, now_ms)
    spans = timeline.to_json()["playback"]
    at_ms = timeline.state.started_at_ms
    for span in spans:
        assert span["start_ms"] == at_ms
        at_ms = span["end_ms"] if span["end_ms"] is not None else timeline.until_ms
        assert at_ms > span["start_ms"] or span is spans[-1]
    assert at_ms == timeline.until_ms or not spans
    totals = dict.fromkeys(timeline.state.totals, 0)
    for span in spans:
        totals[span["state"]] += (span["end_ms"] or timeline.until_ms) - span["start_ms"]
    assert totals == timeline.state.totals
    assert sum(totals.values()) == timeline.until_ms - timeline.state.started_at_ms


@A_QUARTER
@given(st.data())
def test_the_board_and_the_session_page_agree_at_every_moment(data):
    told = data.draw(histories())
    now_ms = data.draw(moments(told))
    assert current(replay(told, RULES), now_ms, RULES) == build(told, RULES, now_ms).state


@A_QUARTER
@given(st.data())
def test_a_browser_that_replaces_the_changed_part_sees_the_whole(data):
    told, batches = data.draw(arrivals())
    builder, shown = TimelineBuilder(RULES), None
    for batch in batches:
        from_ms = builder.add(batch)
        if from_ms is None:
            continue
        now_ms = max(event.received_at_ms for event in told)
        whole = builder.to_json(now_ms)
        shown = whole if shown is None else spliced(shown, builder.to_json(now_ms, from_ms))
        assert {**shown, "from_ms": None} == whole


def spliced(shown, part):
    """What the browser does: keep what ended before, take the rest."""
    joined = dict(part)
    for name, lane in part.items():
        if isinstance(lane, list):
            joined[name] = [item for item in shown[name] if ends_before(item, part["from_ms"])] + lane
    return joined


def ends_before(item, from_ms):
    end_ms = item[0] if isinstance(item, list) else item["end_ms"] if "end_ms" in item else item["at_ms"]
    return end_ms is not None and end_ms < from_ms


@given(st.data())
def test_nothing_is_negative_or_no_number_whatever_was_sent(data):
    told = data.draw(histories())
    now_ms = data.draw(moments(told))
    timeline = build(told, RULES, now_ms)
    json.dumps(timeline.to_json(), allow_nan=False)
    for value in numbers_in(vars(timeline.state)):
        assert math.isfinite(value)
        assert value >= 0


@given(st.data())
def test_all_that_is_said_of_a_session_can_be_said_whatever_was_sent(data):
    told = data.draw(histories())
    timeline = build(told, RULES, data.draw(moments(told)))
    said = said_of(timeline)
    json.dumps(said, allow_nan=False)
    for part in ("values", "ads", "segments", "share"):
        assert all(value >= 0 for value in numbers_in(said[part])), part


def numbers_in(value):
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in ("ahead_offset_ms", "last_order", "longest_delay_ms"):
                yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int | float):
        yield value


@A_QUARTER
@given(st.data())
def test_looking_back_shows_what_was_then(data):
    told = data.draw(histories())
    in_order = place(told)[0]
    then_ms = data.draw(st.sampled_from([event.at_ms for event in in_order]))
    timeline = build(as_of(told, then_ms), RULES, then_ms)
    assert timeline.until_ms == then_ms
    assert timeline.state.event_count == sum(event.at_ms <= then_ms for event in in_order)


@A_QUARTER
@given(st.data())
def test_what_was_known_at_a_moment_is_what_a_session_of_those_events_alone_would_be(data):
    told = data.draw(histories())
    then_ms = data.draw(st.sampled_from([event.received_at_ms for event in told]))
    builder = TimelineBuilder(RULES)
    for event in sorted(told, key=lambda event: event.received_at_ms):
        if event.received_at_ms <= then_ms:
            builder.add([event])
    known = build(known_at(told, then_ms), RULES, then_ms)
    assert known.to_json() == builder.to_json(then_ms)
    assert known.state.event_count == sum(event.received_at_ms <= then_ms for event in told)
