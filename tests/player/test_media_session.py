"""A MediaSession says what the Media SDKs say, and adds up what they add up."""

import pytest

from sessions_app.player.content import Ad, AdBreak, Options, QoS, Segment
from sessions_app.player.session import MediaSession
from sessions_app.timeline import events

BREAK = AdBreak(id="XYZ123", title="Gamer Ad Collection", duration=32_000)
AD = Ad(
    id="ABC890", title="CP 2077 - Be Cool, Be Anything", duration=16_000, advertiser="CDPR", campaign="Preorder",
    creative="neon-v2", placement="mid", position=0, site_id="site-7",
)  # fmt: skip
CHAPTER = Segment(title="Chapter 1", index=0, duration=60_000)


class Clock:
    def __init__(self):
        self.now_ms = 1_795_400_000_000

    def __call__(self):
        return self.now_ms

    def after(self, seconds):
        self.now_ms += seconds * 1000


@pytest.fixture
def clock():
    return Clock()


def build(clock, **settings):
    return MediaSession.build(
        content_id="ABC123",
        title="Space Pilot 3000",
        content_type="Video",
        stream_type="OnDemand",
        duration=1_800_000,
        now=clock,
        **settings,
    )


def names(session):
    return [event["data"]["event_name"] for event in session.events]


def attributes(session, name):
    return [one["data"]["custom_attributes"] for one in session.events if one["data"]["event_name"] == name][-1]


def whole_walk(session, clock):
    """Every call there is, once."""
    session.log_media_session_start()
    session.log_play(Options(current_playhead_position=0))
    session.log_segment_start(CHAPTER)
    clock.after(30)
    session.log_playhead_position(30_000)
    session.log_buffer_start(0, 0.1, 30_000)
    session.log_buffer_end(1200, 1, 30_000)
    session.log_qos(QoS(startup_time=120, dropped_frames=3, bitrate=1_232_133, fps=46))
    session.log_ad_break_start(BREAK)
    session.log_ad_start(AD)
    session.log_ad_click()
    clock.after(15)
    session.log_ad_end()
    session.log_ad_start(Ad(id="ABC543", title="VtM"))
    clock.after(5)
    session.log_ad_skip()
    session.log_ad_break_end()
    session.log_segment_end()
    session.log_segment_start(Segment("Chapter 2", 1))
    session.log_segment_skip()
    session.log_seek_start(30_000)
    session.log_seek_end(60_000)
    session.log_pause()
    clock.after(10)
    session.log_play()
    clock.after(20)
    session.log_media_content_end(Options(current_playhead_position=1_800_000))
    session.log_media_session_end()


def test_every_event_of_the_sdk_has_its_call(clock):
    session = build(clock)
    whole_walk(session, clock)
    assert set(names(session)) == events.NAMES


def test_every_event_says_what_is_playing(clock):
    session = build(clock, custom_attributes={"player_name": "P"})
    whole_walk(session, clock)
    for event in session.events:
        sent = event["data"]["custom_attributes"]
        assert sent["media_session_id"] == session.media_session_id
        assert (sent["content_id"], sent["content_title"]) == ("ABC123", "Space Pilot 3000")
        assert (sent["content_duration"], sent["content_type"]) == (1_800_000, "Video")
        assert (sent["stream_type"], sent["player_name"]) == ("OnDemand", "P")
    assert len({event["data"]["source_message_id"] for event in session.events}) == len(session.events)


def test_ads_breaks_segments_and_quality_carry_their_attributes(clock):
    session = build(clock)
    whole_walk(session, clock)
    assert attributes(session, "Ad Break End")["ad_break_duration"] == 32_000
    click = attributes(session, "Ad Click")
    assert {key: value for key, value in click.items() if key.startswith("ad_")} == AD.attributes()
    assert attributes(session, "Segment Skip")["segment_index"] == 1
    assert attributes(session, "Update QoS")["qos_dropped_frames"] == 3
    assert attributes(session, "Seek End")["seek_position"] == 60_000
    assert attributes(session, "Buffer End")["buffer_duration"] == 1200


def test_the_session_summary_adds_up(clock):
    session = build(clock)
    whole_walk(session, clock)
    summary = attributes(session, "Media Session Summary")
    assert summary["media_time_spent"] == 80_000
    # The time paused is no content time; the ads are, as in the web SDK.
    assert summary["media_content_time_spent"] == 70_000
    assert summary["media_total_ad_time_spent"] == 20_000
    assert summary["media_session_ad_total"] == 2
    assert summary["media_session_ad_objects"] == ["ABC890", "ABC543"]
    assert summary["media_session_segment_total"] == 2
    assert summary["media_content_complete"] is True
    assert summary["media_ad_time_spent_rate"] == pytest.approx(20 / 70 * 100)


def test_ad_breaks_can_be_left_out_of_content_time(clock):
    session = build(clock, exclude_ad_breaks_from_content_time=True)
    whole_walk(session, clock)
    assert attributes(session, "Media Session Summary")["media_content_time_spent"] == 50_000


def test_each_ad_and_segment_is_summarized_once(clock):
    session = build(clock)
    whole_walk(session, clock)
    session.log_ad_summary()
    session.log_segment_summary()
    session.log_media_session_summary()
    counted = [names(session).count(name) for name in sorted(events.SUMMARIES)]
    assert counted == [2, 1, 2]
    skipped = attributes(session, "Ad Session Summary")
    assert (skipped["ad_skipped"], skipped["ad_completed"], skipped["ad_break_id"]) == (True, False, "XYZ123")


def test_summaries_can_be_left_to_the_application(clock):
    session = build(clock, automatic_summaries=False)
    whole_walk(session, clock)
    assert not events.SUMMARIES & set(names(session))
    session.log_media_session_summary()
    assert names(session)[-1] == "Media Session Summary"


def test_a_playhead_past_the_limit_completes_the_content(clock):
    session = build(clock, media_content_complete_limit=90)
    session.log_play(Options(current_playhead_position=1_620_000))
    session.log_media_session_end()
    assert attributes(session, "Media Session Summary")["media_content_complete"] is True


def test_an_events_own_attributes_win_over_the_sessions(clock):
    session = build(clock, custom_attributes={"rating": "PG"})
    session.log_play(Options(custom_attributes={"rating": "epic", "content_title": "Another"}))
    sent = attributes(session, "Play")
    assert (sent["rating"], sent["content_title"]) == ("epic", "Another")


def test_custom_media_events_have_the_session_with_them(clock):
    session = build(clock)
    session.log_custom_event("Milestone", Options(custom_attributes={"milestone": "25"}))
    assert attributes(session, "Milestone")["media_session_id"] == session.media_session_id
    built = session.build_media_event("Share", Options(current_playhead_position=7))
    assert built["data"]["custom_attributes"]["playhead_position"] == 7
    assert names(session) == ["Milestone"]


def test_a_live_stream_has_no_duration(clock):
    session = MediaSession.build("live", "Live", stream_type="LiveStream", now=clock)
    session.log_play()
    session.log_media_session_end()
    assert "content_duration" not in attributes(session, "Play")


def test_log_update_qos_is_log_qos(clock):
    session = build(clock)
    session.log_update_qos(QoS(bitrate=1))
    assert names(session) == ["Update QoS"]
