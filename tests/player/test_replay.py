"""A session played again: new times, a new name, nobody's mpid; what a client reports stays true."""

import json

from sessions_app.player.replay import Past, Score, nobody
from sessions_app.wire.parse import parse

THEN, NOW = 1_795_400_000_000, 1_795_500_000_000
WHO = {"os": "Android 16", "device": "Google Pixel 10", "sdk_version": "5.79.0"}


def score(*events, speed=1, platform="web"):
    past = [Past(f"{at:032x}", name, THEN + at, attributes) for name, at, attributes in events]
    return Score(past, "replay-1", NOW, speed, platform)


def read(played, platform="web"):
    """What the wire makes of the whole score in one batch."""
    viewer = nobody("replay-1", platform=platform, **WHO)
    events = [played.event(index) for index in range(len(played.events))]
    return parse(json.dumps(viewer.batch(events, NOW, "b")).encode(), NOW, "web")


def test_events_keep_their_distance():
    played = score(("Play", 0, {}), ("Pause", 8_000, {}))
    assert [played.due_ms(index) for index in (0, 1)] == [NOW, NOW + 8_000]


def test_at_ten_times_the_speed_a_minute_takes_six_seconds():
    played = score(("Play", 0, {}), ("Pause", 60_000, {}), speed=10)
    assert read(played).reported[1].event.at_ms == NOW + 6_000


def test_the_session_has_its_new_name_and_the_same_content():
    played = score(("Play", 0, {"media_session_id": "then", "content_id": "film-1"}))
    [reported] = read(played).reported
    assert reported.media_session_id == "replay-1"
    assert reported.event.attributes["content_id"] == "film-1"


def test_a_place_in_the_content_stays_where_it_is():
    played = score(("Update Playhead Position", 0, {"playhead_position": 90_000}), speed=60)
    assert read(played).reported[0].event.attributes["playhead_position"] == 90_000


def test_moments_of_a_summary_move_along_and_times_spent_shrink():
    summary = {
        "media_session_start_time": THEN,
        "media_session_end_time": THEN + 60_000,
        "media_time_spent": 60_000,
        "media_content_time_spent": 30_000,
    }
    played = score(("Play", 0, {}), ("Media Session Summary", 60_000, summary), speed=10)
    for platform in ("web", "android", "ios", "roku", "server"):
        again = read(Score(played.events, "replay-1", NOW, 10, platform), platform).reported[1].event.attributes
        assert again["media_session_start_time"] == NOW
        assert again["media_session_end_time"] == NOW + 6_000
        assert (again["media_time_spent"], again["media_content_time_spent"]) == (6_000, 3_000), platform


def test_an_event_sent_twice_is_the_same_event():
    played = score(("Play", 0, {}))
    one, other = read(played).reported[0], read(played).reported[0]
    assert (one.event.key, one.content_hash) == (other.event.key, other.content_hash)


def test_the_same_session_played_twice_makes_two_viewers_and_no_shared_event():
    one = score(("Play", 0, {}))
    other = Score(one.events, "replay-2", NOW, 1, "web")
    assert one.event(0)["data"]["source_message_id"] != other.event(0)["data"]["source_message_id"]
    assert nobody("replay-1", platform="web", **WHO).mpid != nobody("replay-2", platform="web", **WHO).mpid


def test_the_device_is_the_one_of_then_and_the_viewer_is_nobody():
    batch = read(score(("Play", 0, {})), "android")
    assert (batch.platform, batch.os, batch.device) == ("android", "Android 16", "Google Pixel 10")
    assert [kind for kind, _ in batch.identities] == ["mpid"]


def test_an_event_before_the_first_is_due_with_it():
    assert score(("Play", 0, {}), ("Pause", -5_000, {})).due_ms(1) == NOW
