"""The numbers of one session: each formula of docs/metrics.md on a session small enough to check by hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.timeline.explain import explain
from sessions_app.timeline.metrics import METRICS
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import current, replay
from sessions_app.timeline.spans import build
from sessions_app.timeline.summary import ads, numbers, ratio, segments, summarize

from .histories import A_QUARTER, histories, moments
from .story import at, beats, story

RULES = Rules()
ADDED_UP = [
    name for name, metric in METRICS.items() if metric.unit in ("ms", "count") and name not in ("duplicate_count",)
]


def summary_of(*lines, now_s=100_000):
    return summarize(build(story(*lines), RULES, at(now_s)))


def test_every_metric_has_a_value_and_every_value_is_a_metric():
    assert set(summary_of("0 Play")) == set(METRICS)


class TestCta2066:
    """The examples of the streaming metrics working draft."""

    def test_sixty_seconds_of_video_a_stall_of_ten_and_a_pause_of_thirty_are_seventy_watched(self):
        told = summary_of(
            "0 Play", "20 Buffer Start", "30 Buffer End", "50 Pause", "80 Play", "100 Media Content End",
            "100 Media Session End",
        )  # fmt: skip
        assert (told["watched_time_ms"], told["content_time_ms"]) == (70_000, 60_000)
        assert (told["rebuffer_count"], told["rebuffer_ms"]) == (1, 10_000)
        assert told["rebuffer_ratio"] == pytest.approx(10 / 70, abs=1e-6)

    def test_sixty_seconds_at_half_speed_are_a_hundred_and_twenty(self):
        reports = [
            (f"{second} Update Playhead Position", {"playhead_position": second * 500}) for second in range(0, 121, 10)
        ]
        timeline = build(story("0 Play", *reports, "120 Media Session End"), RULES, at(200))
        told = summarize(timeline)
        assert (told["watched_time_ms"], told["unique_content_ms"]) == (120_000, 60_000)
        assert timeline.state.jump_count == 0


def test_startup_is_the_clients_own_measurement_where_it_sent_one():
    told = ("0 Media Session Start", "2.5 Play")
    assert (summary_of(*told)["startup_time_ms"], summary_of(*told)["startup_source"]) == (2_500, "derived")
    measured = summary_of(*told, ("4 Update QoS", {"qos_startup_time": 1_800}))
    assert (measured["startup_time_ms"], measured["startup_source"]) == (1_800, "client")


def test_a_startup_time_of_nought_was_never_set():
    told = summary_of("0 Media Session Start", "1 Play", ("4 Update QoS", {"qos_startup_time": 0}))
    assert told["startup_source"] == "derived"


def test_who_leaves_without_playback_or_error_left_before_the_start():
    assert summary_of("0 Media Session Start", "9 Media Session End")["exit_before_start"] is True
    failed = summary_of("0 Media Session Start", "3 Playback Error", "9 Media Session End")
    assert (failed["exit_before_start"], failed["start_failure"]) == (False, True)


def test_an_error_is_a_failure_only_when_nothing_plays_after_it():
    assert summary_of("0 Play", "9 Error", "12 Media Session End")["playback_failure"] is True
    recovered = summary_of("0 Play", *beats(10, 41), "45 Error", *beats(50, 71), "80 Media Session End")
    assert recovered["playback_failure"] is False


def test_a_stall_at_the_start_is_startup_not_rebuffering():
    told = summary_of("0 Media Session Start", "1 Buffer Start", "4 Buffer End", "4 Play", "60 Media Session End")
    assert (told["rebuffer_count"], told["rebuffer_ms"]) == (0, 0)


def test_bitrate_is_weighted_by_the_time_it_was_playing():
    told = summary_of(
        "0 Play", ("0 Update QoS", {"qos_bitrate": 1_000_000}), "10 Pause", "100 Play",
        ("110 Update QoS", {"qos_bitrate": 4_000_000}), "120 Media Session End",
    )  # fmt: skip
    assert told["average_bitrate_bps"] == 2_000_000
    assert (told["peak_bitrate_bps"], told["bitrate_shift_count"]) == (4_000_000, 1)


def test_dropped_frames_count_from_the_first_report_of_a_total_and_add_up_otherwise():
    def dropped(*reports):
        lines = [(f"{i} Update QoS", {"qos_dropped_frames": value}) for i, value in enumerate(reports)]
        return summary_of("0 Play", *lines)["dropped_frames"]

    assert dropped(3, 3, 64, 130) == 127
    assert dropped(3, 0, 12) == 15
    assert dropped() is None


def test_content_seen_twice_is_unique_once():
    told = summary_of(
        ("0 Play", {"playhead_position": 0, "content_duration": 100_000}),
        ("40 Seek Start", {"playhead_position": 40_000}),
        ("41 Seek End", {"seek_position": 20_000}),
        ("71 Pause", {"playhead_position": 50_000}),
        "72 Media Session End",
    )
    assert (told["unique_content_ms"], told["coverage"]) == (50_000, 0.5)
    assert (told["seek_count"], told["seek_ms"]) == (1, 1_000)
    assert (told["seek_forward_ms"], told["seek_backward_ms"]) == (0, 20_000)
    assert told["progress_marks"] == [10, 25, 50]


def test_a_mark_jumped_over_was_not_seen():
    told = summary_of(
        ("0 Play", {"playhead_position": 0, "content_duration": 100_000}),
        ("20 Seek Start", {"playhead_position": 20_000}),
        ("20 Seek End", {"seek_position": 60_000}),
        ("40 Pause", {"playhead_position": 80_000}),
    )
    assert told["progress_marks"] == [10, 75]


def test_where_a_seek_went_is_told_by_the_next_report_where_the_player_does_not_say():
    timeline = build(
        story(("0 Play", {"playhead_position": 0}), "10 Seek Start", "11 Seek End",
              ("15 Update Playhead Position", {"playhead_position": 164_000})),
        RULES, at(20),
    )  # fmt: skip
    assert timeline.to_json()["seek"] == [{"start_ms": at(10), "end_ms": at(11), "from_ms": 10_000, "to_ms": 160_000}]
    assert (summarize(timeline)["seek_forward_ms"], timeline.state.jump_count) == (150_000, 0)


def test_the_end_is_reached_by_content_end_or_at_nine_tenths():
    assert summary_of("0 Play", "9 Media Content End")["reached_end"] is True
    film = {"content_duration": 100_000}
    assert summary_of("0 Play", ("90 Pause", {**film, "playhead_position": 90_000}))["reached_end"] is True
    assert summary_of("0 Play", ("89 Pause", {**film, "playhead_position": 89_999}))["reached_end"] is False


def test_the_sdks_content_time_counts_ads_stalls_and_seeks_inside():
    told = summary_of(
        "0 Play", "10 Ad Start", "25 Ad End", "30 Buffer Start", "32 Buffer End", "40 Pause", "50 Play",
        "60 Media Content End", "70 Media Session End",
    )  # fmt: skip
    assert told["media_content_time_spent_ms"] == 50_000
    assert (told["content_time_ms"], told["ad_time_ms"], told["media_time_spent_ms"]) == (33_000, 15_000, 70_000)
    assert told["ad_time_ratio"] == pytest.approx(15 / 50, abs=1e-6)  # what follows the content is a pause


def test_summaries_alone_measure_nothing():
    told = summary_of("0 Media Session Summary")
    assert (told["content_time_ms"], told["watched_time_ms"], told["exit_before_start"]) == (None, None, None)
    assert (told["event_count"], told["ad_count"], told["media_time_spent_ms"]) == (1, None, 0)


def test_each_ad_start_has_its_summary():
    first = {"ad_content_id": "a", "ad_content_title": "Aurora", "ad_content_advertiser": "Motors"}
    timeline = build(
        story(("0 Ad Break Start", {"ad_break_id": "b"}), ("1 Ad Start", first), "6 Ad Click", "16 Ad Skip",
              ("17 Ad Start", {"ad_content_id": "c"}), ("20 Ad Start", {"ad_content_id": "d"}), "30 Ad Break End"),
        RULES, at(31),
    )  # fmt: skip
    told = ads(timeline)
    assert [(ad["ad_content_id"], ad["ad_break_id"], ad["result"], ad["time_spent_ms"]) for ad in told] == [
        ("a", "b", "skipped", 15_000), ("c", "b", "ended_early", 3_000), ("d", "b", "ended_early", 10_000),
    ]  # fmt: skip
    assert (told[0]["clicks"], told[0]["ad_clicked"], told[0]["ad_content_advertiser"]) == ([at(6)], True, "Motors")


def test_a_segment_whose_index_was_left_out_is_the_first():
    timeline = build(story(("0 Segment Start", {"segment_title": "Cold open"}), "9 Segment End"), RULES, at(31))
    told = segments(timeline)[0]
    assert (told["segment_index"], told["segment_completed"], told["media_segment_time_spent_ms"]) == (0, True, 9_000)


@given(st.data())
def test_the_pieces_of_every_number_add_up_to_it(data):
    told = data.draw(histories())
    timeline = build(told, RULES, data.draw(moments(told)))
    values = summarize(timeline)
    for name in ADDED_UP:
        answer = explain(timeline, name)
        assert answer["value"] == values[name]
        if values[name] is not None:
            assert sum(piece["amount"] for piece in answer["intervals"]) == values[name], name
    for name in set(METRICS) - set(ADDED_UP):
        json.dumps(explain(timeline, name), allow_nan=False)


@given(st.data())
def test_the_pieces_of_ratios_averages_and_answers_give_them_too(data):
    told = data.draw(histories())
    timeline = build(told, RULES, data.draw(moments(told)))
    values = summarize(timeline)
    for name, of in {"rebuffer_ratio": "watched_time_ms", "ad_time_ratio": "watched_time_ms", "coverage": None}.items():
        answer = explain(timeline, name)
        whole = answer["parts"][of or "content_duration_ms"]
        if answer["value"] is not None:
            assert answer["value"] == ratio(sum(piece["amount"] for piece in answer["intervals"]), whole), name
    average, peak = explain(timeline, "average_bitrate_bps"), explain(timeline, "peak_bitrate_bps")
    if average["value"] is not None:
        weighed = sum(piece["amount"] for piece in average["intervals"])
        assert average["value"] == round(weighed / average["parts"]["weighted_ms"])
    if peak["value"] is not None:
        assert peak["value"] == sum(piece["amount"] for piece in peak["intervals"])
    for name in ("exit_before_start", "start_failure", "playback_failure", "reached_end"):
        answer = explain(timeline, name)
        assert bool(answer["intervals"]) or not values[name], name
    marks = explain(timeline, "progress_marks")
    duration_ms = marks["parts"]["content_duration_ms"]
    for mark in marks["value"] or ():
        assert any(one["start_ms"] * 100 <= mark * duration_ms <= one["end_ms"] * 100 for one in marks["intervals"])


@A_QUARTER
@given(st.data())
def test_the_state_alone_gives_the_numbers_of_the_timeline(data):
    told = data.draw(histories())
    now_ms = data.draw(moments(told))
    state = current(replay(told, RULES), now_ms, RULES)
    assert {**numbers(state), "duplicate_count": None} == summarize(build(told, RULES, now_ms))
    for name, value in numbers(state).items():
        if METRICS[name].unit == "ratio" and value is not None:
            assert 0 <= value <= 1


def test_an_explanation_names_the_events_at_the_ends():
    timeline = build(story("0 Play", "20 Buffer Start", "30 Buffer End", "50 Pause"), RULES, at(60))
    piece = explain(timeline, "rebuffer_ms")["intervals"][0]
    assert (piece["from_event"]["name"], piece["to_event"]["name"], piece["amount"]) == (
        "Buffer Start", "Buffer End", 10_000,
    )  # fmt: skip
