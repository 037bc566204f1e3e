"""What a session is said to have been, rule by rule."""

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.timeline.findings import MOST, findings
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.spans import build

from .histories import A_QUARTER, histories, moments
from .story import at, beats, event, story

RULES = Rules()
START = ("0 Media Session Start", {"content_duration": 600_000, "playhead_position": 0})
END = ("600 Media Session End", {"playhead_position": 600_000})


def found(*lines, now_s=100_000, context=None):
    told = findings(build(story(*lines), RULES, at(now_s)), context)
    return {one["kind"]: (one["text"], one["at_ms"]) for one in told}


def text_of(kind, *lines, **more):
    return found(*lines, **more)[kind][0]


def test_nothing_unusual_has_nothing_to_tell():
    assert found(START, "1 Play", ("599 Media Content End", {"playhead_position": 598_000}), END) == {}


def test_a_slow_startup():
    assert text_of("slow_startup", START, "7.2 Play", END) == "Started in 7.2 s, which is slow."
    usual = {"startup_p75_ms": 1_500, "platform": "Roku"}
    assert text_of("slow_startup", START, "1.8 Play", END, context=usual) == (
        "Started in 1.8 s, slower than 3 in 4 Roku sessions."
    )
    assert "slow_startup" not in found(START, "1.2 Play", END, context=usual)


def test_an_exit_before_the_start():
    assert text_of("exit_before_start", START, "9 Media Session End") == "Left after 9.0 s, before anything played."
    assert text_of("exit_before_start", START, "4 Buffer Start") == (
        "Nothing ever played; last heard of 4.0 s after it began."
    )


def test_a_start_failure_and_a_playback_failure():
    error = ("3 Playback Error", {"error_message": "HLS-404"})
    assert text_of("start_failure", START, error, "9 Media Session End") == (
        "Playback Error (HLS-404); nothing played at all."
    )
    assert text_of("playback_failure", START, "1 Play", error, "9 Media Session End") == (
        "Playback Error (HLS-404); nothing played after it."
    )


def test_an_error_that_was_overcome():
    assert text_of("error", START, "1 Play", "3 Error", *beats(10, 41), END) == "Error; it recovered."
    assert text_of("error", START, "1 Error", "3 Play", END) == "Error; playback began after it."


def test_a_failure_is_not_final_while_the_session_is_live():
    assert text_of("start_failure", START, "3 Error", now_s=5) == "Error; nothing played yet."
    assert text_of("playback_failure", START, "1 Play", "3 Error", now_s=5) == "Error; nothing has played since."


def test_the_same_error_again_and_again_is_one_sentence():
    again = [(f"{second} Playback Error", {"error_message": "HLS-404"}) for second in range(10, 22)]
    told = findings(build(story(START, "1 Play", *again, "30 Error", "40 Media Session End"), RULES, at(50)))
    assert [one["text"] for one in told if "rror" in one["text"]] == [
        "Playback Error (HLS-404) 12 times.", "Error; nothing played after it.",
    ]  # fmt: skip


def test_rebuffering_with_its_longest_and_what_came_before():
    assert text_of(
        "rebuffering", START, "1 Play", ("2 Update QoS", {"qos_bitrate": 4_500_000}), "48 Buffer Start",
        "49.9 Buffer End", ("250.6 Update QoS", {"qos_bitrate": 8_000_000}), "252 Buffer Start", "259.9 Buffer End",
        "597 Buffer Start", "599.6 Buffer End", END,
    ) == "Buffered 3 times, 12 s in total; the longest 7.9 s, right after the bitrate rose to 8 Mbps."  # fmt: skip


def test_a_stall_after_a_seek_or_an_ad():
    after_seek = found("0 Play", "10 Seek Start", "11 Seek End", "12 Buffer Start", "14 Buffer End", "20 Pause")
    assert after_seek["rebuffering"][0] == "Buffered once, for 2.0 s, right after a seek."
    after_ad = found("0 Play", "10 Ad Start", "25 Ad End", "26 Buffer Start", "28 Buffer End", "30 Pause")
    assert after_ad["rebuffering"][0] == "Buffered once, for 2.0 s, right after an ad."


def test_a_bitrate_drop():
    assert text_of(
        "bitrate_drop", "0 Play", ("1 Update QoS", {"qos_bitrate": 8_000_000}),
        ("9 Update QoS", {"qos_bitrate": 3_200_000}),
    ) == "The bitrate fell from 8 Mbps to 3.2 Mbps."  # fmt: skip


def test_a_burst_of_dropped_frames():
    reports = [(f"{i} Update QoS", {"qos_dropped_frames": total}) for i, total in enumerate((3, 64, 70))]
    assert found("0 Play", *reports)["dropped_frames"] == ("Dropped 61 frames within 1.0 s.", at(1))


def test_counts_that_fall_are_losses_of_their_own_and_slow_losses_are_no_burst():
    fresh = [(f"{10 * i} Update QoS", {"qos_dropped_frames": lost}) for i, lost in enumerate((2, 0, 40, 45, 1))]
    assert found("0 Play", *fresh)["dropped_frames"] == ("Dropped 45 frames within 10 s.", at(30))
    slow = [(f"{900 * i} Update QoS", {"qos_dropped_frames": 30 * i}) for i in range(3)]
    assert "dropped_frames" not in found("0 Play", *slow)


def test_ads_clicked_and_skipped():
    motors = {"ad_content_id": "a", "ad_content_advertiser": "Aurora Motors"}
    told = found("0 Play", ("1 Ad Start", motors), "3 Ad Click", "6 Ad Skip", "7 Ad Start", "22 Ad End")
    assert told["ad_clicked"] == ("Clicked 1 ad (Aurora Motors) and skipped 1 of 2.", at(3))
    assert text_of("ad_skipped", "0 Play", "1 Ad Start", "6 Ad Skip") == "Skipped 1 of 1 ad."


def test_an_exit_during_an_ad_and_ads_that_never_ended():
    left = found("0 Play", ("10 Ad Start", {"ad_content_title": "Aurora"}), "14 Media Session End")
    assert left["exit_in_ad"] == ("Left during an ad, 4.0 s into “Aurora”.", at(14))
    lost = found("0 Play", ("10 Ad Start", {"ad_content_title": "Aurora"}), "14 Update QoS")
    assert lost["exit_in_ad"][0] == "Last heard of during an ad, 4.0 s into “Aurora”."
    cut = found("0 Play", "10 Ad Start", "25 Ad Start", "40 Ad End")
    assert cut["ad_not_completed"] == ("1 ad never reported an end.", at(10))


def test_the_same_ad_twice_in_a_break():
    ad = {"ad_content_id": "a", "ad_content_title": "Aurora"}
    told = found(("0 Ad Break Start", {"ad_break_id": "b"}), ("1 Ad Start", ad), "9 Ad End", ("10 Ad Start", ad))
    assert told["repeated_ad"] == ("“Aurora” ran twice in one break.", at(10))
    thrice = found(("0 Ad Break Start", {"ad_break_id": "b"}), *((f"{second} Ad Start", ad) for second in (1, 9, 20)))
    assert thrice["repeated_ad"] == ("“Aurora” ran 3 times in one break.", at(9))


def test_a_seek_storm_and_a_long_seek():
    storm = [f"{s} Seek {word}" for n in range(6) for s, word in ((10 + 5 * n, "Start"), (11 + 5 * n, "End"))]
    assert found("0 Play", *storm)["seek_storm"] == ("Sought 6 times within a minute.", at(10))
    far = (("0 Play", {"playhead_position": 0}), "5 Seek Start", ("6 Seek End", {"seek_position": 155_000}))
    assert found(*far)["long_seek"] == ("Jumped ahead 2:30.", at(5))
    later = [f"{s} Seek {word}" for n in range(5) for s, word in ((300 + 5 * n, "Start"), (301 + 5 * n, "End"))]
    both = found(*far, *later)
    assert (both["long_seek"][1], both["seek_storm"][1]) == (at(5), at(300))


def test_a_playhead_that_jumps_without_a_seek():
    told = found(("0 Play", {"playhead_position": 0}), ("10 Update Playhead Position", {"playhead_position": 60_000}))
    assert told["playhead_jump"] == ("The playhead jumped once without a seek.", at(10))


def test_silence_in_the_middle():
    told = found(START, "1 Play", *beats(10, 61), "120 Update Playhead Position", END)
    assert told["no_signal"][0].startswith("No events for")


def test_a_long_pause_and_one_without_return():
    assert text_of("long_pause", "0 Play", "10 Pause", "910 Play") == "Paused for 15 min."
    assert found("0 Play", "10 Pause")["paused_away"][1] == at(10)


def test_an_app_that_was_closed_without_a_word():
    told = found(START, "1 Play", *beats(10, 61))
    assert told["no_session_end"] == (
        "Went silent without Media Session End: the app was closed or killed, or lost its connection.", at(60)
    )  # fmt: skip


def test_a_film_that_was_left_to_its_end_is_not_called_killed():
    film = ("0 Play", {"playhead_position": 0, "content_duration": 600_000})
    assert text_of("no_session_end", film) == "Media Session End never came; the rest was not heard of."
    ended = text_of("no_session_end", film, "600 Media Content End")
    assert ended == "Media Session End never came; the content had ended."


def test_who_leaves_early():
    told = found(START, ("1 Play", {"playhead_position": 0}), ("301 Media Session End", {"playhead_position": 300_000}))
    assert told["left_early"] == ("Left at 50 % of the content.", at(301))


def test_late_data():
    late = [event(s, "Update QoS", index=s, late_ms=26_000) for s in range(3, 8)]
    told = findings(build([*story(START, "1 Play"), *late], RULES, at(60)))
    assert [one["text"] for one in told if one["kind"] == "late_data"] == ["5 events arrived up to 26 s late."]


def test_a_clock_that_cannot_be_right():
    ahead = event(9e6, "Play", index=1, late_ms=-9_000_000_000)
    told = findings(build([ahead], RULES, at(60)))
    assert {one["kind"] for one in told} >= {"clock_wrong", "missing_start"}
    said = {one["kind"]: one["text"] for one in told}["clock_wrong"]
    assert said == "The device's clock was 104 days ahead; its events stand where they arrived."
    unset = event(-1.7e9, "Pause", index=1, late_ms=1_700_000_009_000)
    said = {one["kind"]: one["text"] for one in findings(build([unset], RULES, at(60)))}["clock_wrong"]
    assert said == "The device's clock was never set; its events stand where they arrived."


def test_a_feed_with_holes():
    told = found("0 Play", "5 Ad End", "6 play", "7 Buffer End")
    assert told["missing_start"][0] == "Media Session Start never arrived."
    assert told["orphan_ends"][0] == "2 ends came without a start."
    assert told["unknown_name"][0] == "“play” is not spelt as the SDKs spell it."
    assert text_of("summaries_only", "0 Media Session Summary") == (
        "The client sent only its summaries, as Android and iOS do unless told otherwise."
    )
    in_seconds = ("0 Media Session Start", {"content_duration": 2_640})
    assert text_of("unit_doubtful", in_seconds, "1 Play", "90 Pause") == (
        "The duration looks like seconds, not milliseconds."
    )
    crawling = [(f"{second} Update Playhead Position", {"playhead_position": second}) for second in range(0, 91, 10)]
    assert text_of("unit_doubtful", in_seconds, "1 Play", *crawling, "90 Pause") == (
        "The duration and playhead look like seconds, not milliseconds."
    )
    standing = [(f"{second} Update Playhead Position", {"playhead_position": 0}) for second in range(0, 91, 10)]
    assert "unit_doubtful" not in found(START, "1 Play", *standing, "90 Pause")


@A_QUARTER
@given(st.data())
def test_at_most_eight_in_order_of_time_each_at_an_event(data):
    told = data.draw(histories())
    timeline = build(told, RULES, data.draw(moments(told)))
    listed = findings(timeline)
    assert len(listed) <= MOST
    assert [one["at_ms"] for one in listed] == sorted(one["at_ms"] for one in listed)
    keys = {one.key for one in timeline.events}
    assert all(one["event_key"] in keys and one["text"].endswith(".") for one in listed)
