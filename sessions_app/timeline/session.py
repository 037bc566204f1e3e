"""The state machine of one media session.

`advance` takes the state as it was and one event, and returns the state as it is; `extend` does so for a batch,
`replay` for a whole history, all by the same steps, so that a live session and a settled one agree. There is no clock
in here: who wants to know how things stand now says when now is (`current`, `close_if_due`).
"""

from collections.abc import Iterable, Sequence

from sessions_app.timeline import playhead
from sessions_app.timeline.clocks import Offsets, all_possible, corrected, in_order, offsets_of, place
from sessions_app.timeline.endings import close_if_due, expect_end, take_up_again
from sessions_app.timeline.events import NAMES, SUMMARIES, Event, amount
from sessions_app.timeline.observer import SILENT, Observer
from sessions_app.timeline.precedence import derived, outranked
from sessions_app.timeline.rules import Rules, mark_of
from sessions_app.timeline.state import ERROR_MARKS, LATE_FOR_MS, NOT_WATCHING, STRIP_LENGTH, STRIP_MS, State
from sessions_app.timeline.transitions import REOPENING, TRANSITIONS, numbering, plays, short

__all__ = ["State", "advance", "close_if_due", "current", "extend", "replay"]

# What is told of the content, and how it is read.
DESCRIPTION = (
    ("content_id", short), ("content_title", short), ("content_type", short), ("stream_type", short),
    ("content_show", short), ("player_name", short), ("content_season", numbering), ("content_episode", numbering),
)  # fmt: skip
# How far a delivery may lag behind before live silence is called silence, at most.
LONGEST_ALLOWANCE_MS = 60_000
# A stall that begins this soon after a seek belongs to the seek.
AFTER_SEEK_MS = 200


def advance(state: State, event: Event, rules: Rules) -> State:
    """The state after one more event, which sorts after all before it and stands at a possible time."""
    after = state.copy()
    fold(after, [event], rules, SILENT)
    return after


def extend(state: State, new_events: Iterable[Event], rules: Rules) -> State | None:
    """The state after more events; None when the history is needed: one belongs earlier, or the rules are others."""
    arrived = list(new_events)
    if not state.event_count:
        return replay(arrived, rules)
    if state.folded_by != mark_of(rules):
        return None
    if not all_possible(arrived):
        offsets = (state.ahead_offset_ms, state.unset_offset_ms)
        if offsets_of(arrived, offsets) != offsets:
            return None
        arrived = [corrected(event, offsets) for event in arrived]
    arrived = in_order(arrived)
    if arrived and state.last_order is not None and arrived[0].order() <= tuple(state.last_order):
        return None
    after = state.copy()
    fold(after, arrived, rules, SILENT)
    return after


def replay(history: Iterable[Event], rules: Rules) -> State:
    """The state after all events of a session, in whatever order they are given."""
    placed, offsets = place(history)
    state = begun(offsets, rules)
    fold(state, placed, rules, SILENT)
    return state


def begun(offsets: Offsets, rules: Rules) -> State:
    """The state before the first event."""
    return State(folded_by=mark_of(rules), ahead_offset_ms=offsets[0], unset_offset_ms=offsets[1])


def fold(state: State, placed: Sequence[Event], rules: Rules, see: Observer) -> None:
    """Move the caller's own `state` on by events in their order."""
    _learn(state, placed)
    for event in placed:
        step(state, event, rules, see)
        see.happened(event, rules)
    if placed:
        state.last_order = list(placed[-1].order())
    expect_end(state, rules)


def _learn(state: State, placed: Iterable[Event]) -> None:
    """What the session is about: the first word on each counts, and most have been said by the second event."""
    telling = [event for event in placed if event.name not in SUMMARIES]
    for name, read in DESCRIPTION:
        if getattr(state, name) is None:
            told = (read(event, name) for event in telling if name in event.attributes)
            setattr(state, name, next((words for words in told if words is not None), None))


def step(state: State, event: Event, rules: Rules, see: Observer) -> None:
    """Move the caller's own `state` on by one event."""
    if state.parked is not None:
        take_up_again(state)
    if state.ended_reason == "summary_only":
        state.ended_at_ms = state.ended_reason = None
    if state.event_count:
        pass_time(state, event.at_ms, see)
    else:
        state.started_at_ms = state.state_since_ms = state.last_at_ms = event.at_ms
        state.first_received_ms = event.received_at_ms
        state.strip.append(["ended", event.at_ms, None])
    _count(state, event, rules)
    if event.name not in SUMMARIES:
        state.is_active = True
        state.content_duration_ms = amount(event.attributes, "content_duration") or state.content_duration_ms
        if event.name in REOPENING and state.ended_at_ms is not None:
            state.ended_at_ms = state.ended_reason = None
        _report(state, event, rules, see)
    transition = TRANSITIONS.get(event.name)
    if transition is not None:
        transition(state, event, see)
    follow(state, event.at_ms, see)


def pass_time(state: State, at_ms: int, see: Observer) -> None:
    """Carry what is open on to `at_ms`. Silence of three learned beats is no_signal from its beginning."""
    passed_ms = at_ms - state.last_at_ms
    if passed_ms <= 0:
        return
    if state.has_heartbeat and passed_ms > silence_ms(state):
        switch(state, "no_signal", True, state.last_at_ms, see)
        state.unsettled = state.unsettled or "silence"
    _accrue(state, passed_ms)
    state.last_at_ms = at_ms


def silence_ms(state: State) -> int:
    """How long nothing may be heard before the signal counts as lost; beyond all time without a heartbeat."""
    expected = state.has_heartbeat and (state.state == "playing" or state.state in state.beats_in)
    return state.beat_ms * 13 // 4 if expected else 1 << 62


def _accrue(state: State, passed_ms: int) -> None:
    name = state.state
    state.totals[name] += passed_ms
    if name == "playing":
        playhead.passes(state, passed_ms)
        if state.bitrate_bps is not None:
            state.weighted_bitrate += state.bitrate_bps * passed_ms
            state.weighted_ms += passed_ms
    elif name == "buffering":
        if state.is_new_span:
            state.is_rebuffer = _away_from_a_seek(state, state.state_since_ms)
            state.rebuffer_count += state.is_rebuffer
        state.rebuffer_ms += passed_ms if state.is_rebuffer else 0
    if state.first_play_at_ms is not None and name not in NOT_WATCHING:
        state.watched_ms += passed_ms
    if state.content_clock:
        state.content_clock_ms += passed_ms
    state.is_new_span = False


def _count(state: State, event: Event, rules: Rules) -> None:
    state.event_count += 1
    received_at_ms = event.received_at_ms
    state.last_received_ms = max(state.last_received_ms, received_at_ms)
    state.corrected_count += event.clock_corrected
    delay_ms = received_at_ms - event.at_ms
    state.longest_delay_ms = max(state.longest_delay_ms, delay_ms)
    if delay_ms > rules.late_after_ms:
        _is_late(state, event, delay_ms)
    if event.name not in NAMES:
        state.custom_event_count += 1
        if rules.is_error(event.name):
            state.error_count += 1
            state.errors = [*state.errors, event.at_ms][-ERROR_MARKS:]
            state.last_error_at_ms = event.at_ms
            state.played_since_error = False


def _is_late(state: State, event: Event, delay_ms: int) -> None:
    state.late_event_count += 1
    state.max_late_ms = max(state.max_late_ms, delay_ms)
    # What came with the first event says that the session began out of reach, not that its data is slow.
    if event.received_at_ms > state.first_received_ms:
        still = state.late_for_ms if event.at_ms - state.late_at_ms <= LATE_FOR_MS else 0
        state.late_at_ms, state.late_for_ms = event.at_ms, max(still, delay_ms)


def _report(state: State, event: Event, rules: Rules, see: Observer) -> None:
    before_ms, before_at_ms, expected_ms = state.reported_ms, state.reported_at_ms, state.playhead_position_ms
    unsettled = state.unsettled
    kind = playhead.report(state, event, rules)
    if kind is None:
        return
    see.reported(event, kind)
    if state.seeking or state.reported_ms is None:
        return
    if unsettled == "seek":
        _settle_seek(state, state.reported_ms, expected_ms, see)
    elif not unsettled and before_ms is not None:
        moved_ms = state.reported_ms - before_ms
        if 0 < moved_ms <= 2 * (event.at_ms - before_at_ms) + 2_000:
            _plays_unannounced(state, event.at_ms)


def _settle_seek(state: State, position_ms: int, expected_ms: int | None, see: Observer) -> None:
    """The first report after a seek of unknown end tells where it went."""
    if state.seek_from_ms is None or expected_ms is None:
        see.settled(position_ms)
        return
    to_ms = max(0, state.seek_from_ms + position_ms - expected_ms)
    playhead.moved_by(state, to_ms - state.seek_from_ms)
    see.settled(to_ms)


def _plays_unannounced(state: State, at_ms: int) -> None:
    """The playhead moved on by itself: playback, also where no Play was seen."""
    if state.state == "starting" and state.ad is None and state.first_play_at_ms is None:
        state.playing = state.play_inferred = True
        state.buffering = False
        state.first_play_at_ms = at_ms
        plays(state, at_ms)
    elif state.state == "playing":
        plays(state, at_ms)


def follow(state: State, at_ms: int, see: Observer) -> None:
    """Change to the playback state that follows from what is open now."""
    name, inferred = derived(state)
    if name != state.state:
        switch(state, name, inferred, at_ms, see)


def switch(state: State, name: str, inferred: bool, at_ms: int, see: Observer) -> None:
    """End the open span and begin another; a span of no length leaves no trace."""
    strip, before = state.strip, state.state
    if before == "playing":
        playhead.ends_run(state)
    opened_ms = strip[-1][1]
    if opened_ms == at_ms:
        strip.pop()
    else:
        strip[-1] = [before, opened_ms, at_ms]
        see.playback(strip[-1], state.inferred, state.under)
        state.span_before = [state.inferred, state.under, state.is_rebuffer]
    if strip and strip[-1][0] == name and strip[-1][2] == at_ms:
        strip[-1] = [name, strip[-1][1], None]
        state.inferred, state.under, state.is_rebuffer = state.span_before
        state.is_new_span = False
        see.playback_goes_on()
    else:
        strip.append([name, at_ms, None])
        state.inferred, state.is_new_span = inferred, True
        state.under = before if name == "no_signal" else outranked(state, name)
    state.state, state.state_since_ms = name, strip[-1][1]
    if name == "playing":
        playhead.starts_run(state)
    while len(strip) > STRIP_LENGTH or (strip[0][2] is not None and strip[0][2] < at_ms - STRIP_MS):
        del strip[0]


def _away_from_a_seek(state: State, at_ms: int) -> bool:
    return state.last_seek_end_ms is None or at_ms - state.last_seek_end_ms > AFTER_SEEK_MS


def current(state: State, now_ms: int, rules: Rules) -> State:
    """The state at `now_ms`: closed if due, else with its open span carried on; for reading, not for advancing."""
    closed = close_if_due(state, now_ms, rules)
    if not closed.live or now_ms <= state.last_at_ms:
        return closed
    carried = state.copy()
    carry_on(carried, now_ms, SILENT)
    return carried


def carry_on(state: State, now_ms: int, see: Observer) -> None:
    """Let time pass on a live session up to now. Deliveries lag: silence must outlast the delays seen so far."""
    allowance_ms = min(max(0, state.longest_delay_ms), LONGEST_ALLOWANCE_MS)
    silent_ms = now_ms - state.last_at_ms
    if silent_ms > silence_ms(state) >= silent_ms - allowance_ms:
        _accrue(state, silent_ms)
        state.last_at_ms = now_ms
    else:
        pass_time(state, now_ms, see)
