"""Which state each moment of a session is in."""

from dataclasses import replace

from sessions_app.timeline.rules import Rules, mark_of
from sessions_app.timeline.session import State, advance, close_if_due, current, extend, replay

from .story import at, beats, event, story

RULES = Rules()


def seconds(state: State) -> dict[str, float]:
    return {name: ms / 1000 for name, ms in state.totals.items() if ms}


def test_a_film_is_started_played_paused_and_ended():
    state = replay(story("0 Media Session Start", "2 Play", "62 Pause", "92 Play", "100 Media Session End"), RULES)
    assert seconds(state) == {"starting": 2, "playing": 68, "paused": 30}
    assert (state.state, state.live, state.ended_reason, state.ended_at_ms) == ("ended", False, "session_end", at(100))


def test_a_player_that_pauses_content_to_run_an_ad_is_in_the_ad():
    state = replay(story("0 Play", "10 Pause", "11 Ad Start", "26 Ad End", "27 Play", "30 Pause"), RULES)
    assert seconds(state) == {"playing": 13, "paused": 2, "ad": 15}


def test_a_viewer_who_pauses_the_ad_is_paused():
    state = replay(story("0 Play", "10 Ad Start", "15 Pause", "25 Play", "30 Ad End", "31 Pause"), RULES)
    assert seconds(state) == {"playing": 11, "ad": 10, "paused": 10}


def test_buffering_before_any_content_belongs_to_starting():
    state = replay(
        story(
            "0 Media Session Start",
            "1 Buffer Start",
            "3 Buffer End",
            "3 Play",
            "3 Buffer Start",
            "5 Buffer End",
            "9 Pause",
        ),
        RULES,
    )
    assert seconds(state) == {"starting": 5, "playing": 4}
    assert state.rebuffer_count == 0


def test_a_stall_right_after_a_seek_belongs_to_the_seek():
    state = replay(
        story(
            "0 Play", "10 Buffer Start", "12 Buffer End", "20 Seek Start", "21 Seek End",
            "21.2 Buffer Start", "23 Buffer End", "30 Buffer Start", "31 Play", "40 Pause",
        ),
        RULES,
    )  # fmt: skip
    assert (state.rebuffer_count, state.rebuffer_ms) == (2, 3000)
    assert seconds(state)["buffering"] == 4.8


def test_a_stall_that_goes_on_after_a_seek_belongs_to_the_seek():
    state = replay(
        story("0 Play", "10 Seek Start", "11 Buffer Start", "12 Seek End", "14 Buffer End", "20 Pause"), RULES
    )
    assert (state.rebuffer_count, seconds(state)["buffering"]) == (0, 2)


def test_android_ends_an_ad_without_saying_which():
    state = replay(story("0 Play", ("5 Ad Start", {"ad_content_id": "a"}), "20 Ad End", "25 Pause"), RULES)
    assert (state.ad, state.ad_completed_count, seconds(state)["ad"]) == (None, 1, 15)


def test_stale_ad_keys_never_open_an_ad():
    stale = {"ad_content_id": "a", "ad_content_title": "Left over", "ad_break_id": "b"}
    state = replay(story(("0 Play", stale), ("5 Update Playhead Position", stale), ("9 Pause", stale)), RULES)
    assert (state.ad_count, state.ad_break_count, seconds(state)) == (0, 0, {"playing": 9})


def test_ends_without_starts_are_counted_and_harm_nothing():
    state = replay(story("0 Ad End", "1 Ad Break End", "2 Segment Skip", "3 Buffer End", "4 Seek End", "5 Play"), RULES)
    assert (state.orphan_count, state.state, state.ad_count, state.segment_count) == (5, "playing", 0, 0)


def test_three_missing_beats_are_no_signal_from_the_last_event_on():
    told = story("0 Play", *beats(10, 61), "100 Update Playhead Position", "110 Pause")
    assert seconds(replay(told, RULES)) == {"playing": 70, "no_signal": 40}


def test_two_missing_beats_are_not_yet_silence():
    told = story("0 Play", *beats(10, 61), "90 Update Playhead Position", "110 Pause")
    assert seconds(replay(told, RULES)) == {"playing": 110}


def test_without_a_heartbeat_silence_may_be_a_film():
    state = replay(story("0 Play"), RULES)
    assert seconds(current(state, at(3000), RULES)) == {"playing": 3000}


def test_a_pause_of_a_player_whose_beats_stop_in_a_pause_stays_a_pause():
    told = story("0 Play", *beats(10, 61), "65 Pause", "265 Play")
    assert seconds(replay(told, RULES)) == {"playing": 65, "paused": 200}


def test_a_session_of_summaries_only_has_ended_at_once():
    state = replay(story("0 Ad Session Summary", "30 Media Session Summary"), RULES)
    assert (state.state, state.ended_reason, state.live) == ("ended", "summary_only", False)
    assert seconds(state) == {"ended": 30}


def test_summaries_behind_the_end_do_not_reopen_a_session():
    told = story("0 Play", "10 Media Session End", "10 Media Session Summary", "10.4 Ad Session Summary")
    state = replay(told, RULES)
    assert (state.state, state.ended_at_ms, seconds(state)) == ("ended", at(10), {"playing": 10, "ended": 0.4})


def test_a_later_event_reopens_a_session():
    state = replay(story("0 Play", "10 Media Session End", "70 Play", "75 Pause"), RULES)
    assert (state.state, state.live, state.ended_reason) == ("paused", True, None)
    assert seconds(state) == {"playing": 15, "ended": 60}


def test_a_playhead_that_moves_is_playback_even_without_a_play():
    told = story(
        ("0 Media Session Start", {"playhead_position": 0}),
        ("5 Update Playhead Position", {"playhead_position": 4000}),
        ("15 Update Playhead Position", {"playhead_position": 14000}),
    )
    state = replay(told, RULES)
    assert (seconds(state), state.inferred, state.playback_at_ms) == ({"starting": 5, "playing": 10}, True, at(5))


class TestSilence:
    """When a session without an end counts as over, and from when on."""

    def closed(self, *lines):
        state = replay(story(*lines), RULES)
        assert state.closes_at_ms is not None
        before = close_if_due(state, state.closes_at_ms - 1, RULES)
        after = close_if_due(state, state.closes_at_ms, RULES)
        assert before is state
        assert not after.live
        assert after.ended_at_ms == state.last_at_ms
        return after.ended_reason, (state.closes_at_ms - state.last_at_ms) / 60_000

    def test_with_a_heartbeat_ten_minutes(self):
        assert self.closed("0 Play", *beats(10, 61)) == ("timed_out", 10)

    def test_paused_thirty_minutes(self):
        assert self.closed("0 Play", *beats(10, 61), "65 Pause") == ("timed_out_paused", 30)

    def test_playing_until_the_playhead_would_have_reached_the_end_and_ten_minutes(self):
        told = ("0 Play", {"playhead_position": 0, "content_duration": 5_400_000})
        assert self.closed(told) == ("assumed_finished", 100)

    def test_playing_without_a_duration_four_hours(self):
        assert self.closed("0 Play") == ("timed_out", 240)

    def test_after_the_content_ten_minutes(self):
        assert self.closed("0 Play", "60 Media Content End") == ("assumed_finished", 10)

    def test_the_next_event_takes_a_closed_session_up_again_as_if_it_had_not_closed(self):
        state = replay(story("0 Play", "60 Pause"), RULES)
        closed = close_if_due(state, at(9000), RULES)
        after = event(9100, "Play", index=5)
        assert closed.strip[-1][0] == "ended"
        assert advance(closed, after, RULES) == advance(state, after, RULES)


class TestClocks:
    """Times that cannot be."""

    def test_a_clock_a_year_ahead_is_set_to_its_arrival_and_keeps_its_order(self):
        year = 365 * 86_400
        told = [event(year + s, name, index=i, late_ms=-year * 1000 + 400 - s * 100) for i, (s, name) in
                enumerate([(0, "Media Session Start"), (1, "Play"), (3, "Pause")])]  # fmt: skip
        state = replay(told, RULES)
        assert (state.corrected_count, seconds(state)) == (3, {"starting": 1, "playing": 2})
        assert state.last_at_ms == told[-1].received_at_ms

    def test_a_clock_never_set_is_set_to_its_arrival(self):
        told = [event(0, "Play", index=0), event(-1.7e9, "Pause", index=1, late_ms=1_700_000_009_000)]
        assert seconds(replay(told, RULES)) == {"playing": 9}

    def test_a_smaller_shift_needs_the_whole_history(self):
        far = [event(9e6, "Play", index=0, late_ms=-9_000_000_000 + 5_000)]
        state = replay(far, RULES)
        nearer = event(9e6 + 10, "Pause", index=1, late_ms=-9_000_000_000 + 100)
        assert extend(state, [nearer], RULES) is None
        assert replay([*far, nearer], RULES).corrected_count == 2

    def test_late_events_are_counted_from_ten_seconds_on(self):
        told = [event(0, "Play", index=0, late_ms=10_000), event(1, "Pause", index=1, late_ms=10_001)]
        state = replay(told, RULES)
        assert (state.late_event_count, state.max_late_ms) == (1, 10_001)

    def test_lateness_is_news_for_two_minutes(self):
        late = [event(0, "Play", index=0), event(60, "Pause", index=1, late_ms=30_000)]
        assert replay(late, RULES).late_ms == 30_000
        assert replay([*late, event(180, "Play", index=2)], RULES).late_ms == 30_000
        assert replay([*late, event(181, "Play", index=2)], RULES).late_ms == 0

    def test_a_session_that_began_out_of_reach_is_not_late_for_that(self):
        began = [event(s, "Play", index=s, late_ms=(90 - s) * 1000) for s in (0, 30, 60)]
        state = replay(began, RULES)
        assert (state.late_event_count, state.late_ms) == (3, 0)
        assert replay([*began, event(100, "Pause", index=100, late_ms=11_000)], RULES).late_ms == 11_000


def test_advancing_leaves_the_state_it_was_given_alone():
    state = replay(story("0 Play", *beats(10, 61)), RULES)
    kept = State.decode(state.encode())
    advance(state, event(100, "Pause", index=99), RULES)
    assert state == kept


def test_an_event_that_belongs_earlier_needs_the_whole_history():
    told = story("0 Play", "10 Pause", "20 Play")
    state = replay([told[0], told[2]], RULES)
    assert extend(state, [told[1]], RULES) is None
    assert extend(replay(told[:2], RULES), told[2:], RULES) == replay(told, RULES)


def test_a_stall_that_ends_and_begins_in_one_millisecond_is_one_stall():
    state = replay(
        story("0 Play", "5 Buffer Start", "8 Buffer End", "8 Buffer Start", "9 Buffer End", "12 Pause"), RULES
    )
    assert (state.rebuffer_count, state.rebuffer_ms) == (1, 4_000)


def test_a_state_made_by_other_rules_is_folded_again_from_the_whole_history():
    told = story(("0 Play", {"content_duration": 100_000}), ("80 Pause", {"playhead_position": 80_000}), "90 Play")
    before = replay(told[:2], RULES)
    lenient = replace(RULES, complete_limit=0.8)
    assert extend(before, told[2:], lenient) is None
    assert (before.reached_end, replay(told, lenient).reached_end) == (False, True)


def test_rules_are_told_apart_by_every_setting_and_not_by_the_order_of_error_names():
    marks = {mark_of(RULES), mark_of(replace(RULES, late_after_ms=1)), mark_of(replace(RULES, complete_limit=0.8))}
    assert len(marks) == 3
    one, other = (Rules(error_names=frozenset(names)) for names in (["a", "b", "c"], ["c", "b", "a"]))
    assert mark_of(one) == mark_of(other) != mark_of(RULES)
