"""The timeline as it is drawn, kept current, and looked back on."""

from sessions_app.timeline.rules import Rules
from sessions_app.timeline.spans import TimelineBuilder, as_of, build, known_at

from .story import at, beats, event, story

RULES = Rules()


def drawn(*lines, now_s):
    return build(story(*lines), RULES, at(now_s)).to_json()


def bands(timeline):
    return [
        (span["state"], (span["start_ms"] - at(0)) / 1000, span["end_ms"] and (span["end_ms"] - at(0)) / 1000)
        for span in timeline["playback"]
    ]


def test_what_is_open_goes_on_until_now():
    timeline = drawn("0 Media Session Start", "1 Play", ("5 Ad Start", {"ad_content_id": "a"}), now_s=9)
    assert bands(timeline) == [("starting", 0, 1), ("playing", 1, 5), ("ad", 5, None)]
    assert (timeline["ad"][0]["end_ms"], timeline["ad"][0]["result"]) == (None, "open")
    assert (timeline["state"], timeline["live"], timeline["ended_at_ms"]) == ("ad", True, None)


def test_a_timeout_ends_everything_at_the_last_event_and_says_it_inferred_that():
    timeline = drawn("0 Play", "5 Ad Break Start", "6 Ad Start", "7 Segment Start", now_s=90_000)
    assert bands(timeline)[-1] == ("ad", 6, 7)
    assert timeline["playback"][-1]["inferred"]
    assert [timeline[lane][0]["end_ms"] for lane in ("ad_break", "ad", "segment")] == [at(7)] * 3
    assert (timeline["ad"][0]["result"], timeline["ad"][0]["inferred"]) == ("ended_early", True)
    assert (timeline["ended_at_ms"], timeline["ended_reason"]) == (at(7), "timed_out")


def test_the_state_beneath_is_kept_beside_the_one_that_outranks_it():
    timeline = drawn("0 Play", "5 Ad Start", "8 Buffer Start", "9 Buffer End", "20 Ad End", now_s=25)
    assert [(span["state"], span["under"]) for span in timeline["playback"]] == [
        ("playing", None), ("ad", "playing"), ("buffering", "ad"), ("ad", "playing"), ("playing", None),
    ]  # fmt: skip


def test_silence_is_a_gap_over_what_was_known_last():
    timeline = drawn("0 Play", *beats(10, 61), "120 Pause", now_s=121)
    assert timeline["gaps"] == [{"start_ms": at(60), "end_ms": at(120)}]
    silent = next(span for span in timeline["playback"] if span["state"] == "no_signal")
    assert (silent["under"], silent["inferred"]) == ("playing", True)


def test_live_silence_waits_out_the_delays_seen_so_far():
    told = [*story("0 Play", *beats(10, 61)), event(65, "Update QoS", index=90, late_ms=20_000)]
    assert build(told, RULES, at(110)).state.state == "playing"
    assert build(told, RULES, at(120)).state.state == "no_signal"


def test_quality_errors_custom_events_and_late_groups_have_their_lanes():
    timeline = drawn(
        "0 Play", ("1 Update QoS", {"qos_dropped_frames": 4, "qos_bitrate": 3_200_000, "qos_fps": 25}),
        ("2 Update QoS", {"qos_dropped_frames": 10}), ("3 Update QoS", {"qos_dropped_frames": 2}),
        ("4 Playback Error", {"error_message": "HLS-404"}), "5 Subtitles Changed", now_s=6,
    )  # fmt: skip
    assert [report["dropped_delta"] for report in timeline["qos"]] == [0, 6, 2]
    assert timeline["errors"] == [{"at_ms": at(4), "name": "Playback Error", "seq": 0, "message": "HLS-404"}]
    assert [moment["name"] for moment in timeline["custom"]] == ["Subtitles Changed"]
    late = [event(s, "Update QoS", index=s, late_ms=15_000 + s) for s in (1, 2, 4)]
    timeline = build([*story("0 Play", "3 Pause"), *late], RULES, at(60)).to_json()
    assert timeline["late"] == [
        {"start_ms": at(1), "end_ms": at(2), "count": 2, "max_delay_ms": 15_002},
        {"start_ms": at(4), "end_ms": at(4), "count": 1, "max_delay_ms": 15_004},
    ]


def test_the_builder_says_from_when_on_the_timeline_changed():
    told = story("0 Play", "10 Pause", "20 Play", "30 Pause")
    builder = TimelineBuilder(RULES)
    assert builder.add(told[:1]) == at(0)
    assert builder.add(told[:1]) is None
    assert builder.add(told[3:]) == at(0)
    assert builder.add(told[1:3]) == at(0)
    assert builder.to_json(at(31)) == build(told, RULES, at(31)).to_json()


def test_a_timeline_handed_out_stays_as_it_was():
    builder = TimelineBuilder(RULES)
    builder.add(story("0 Ad Start", "1 Ad Click"))
    handed = builder.timeline(at(2))
    before = handed.to_json()
    builder.add([event(3, "Ad Click", index=7), event(4, "Ad End", index=8)])
    assert handed.to_json() == before


def test_the_state_of_one_moment():
    told = story(
        ("0 Play", {"playhead_position": 0}), ("2 Update QoS", {"qos_bitrate": 3_200_000}), "10 Pause", "30 Play",
        ("35 Segment Start", {"segment_title": "Credits"}), "40 Pause",
    )  # fmt: skip
    timeline = build(told, RULES, at(50))
    moment = timeline.at(at(36))
    assert (moment["state"], moment["playhead_position_ms"], moment["bitrate_bps"]) == ("playing", 16_000, 3_200_000)
    assert moment["segment"]["segment_title"] == "Credits"
    assert timeline.at(at(-5))["state"] is None


def test_looking_back_by_either_clock():
    told = [*story("0 Play", "10 Pause"), event(5, "Buffer Start", index=9, late_ms=60_000)]
    assert [one.name for one in as_of(told, at(7))] == ["Play", "Buffer Start"]
    assert [one.name for one in known_at(told, at(11))] == ["Play", "Pause"]
