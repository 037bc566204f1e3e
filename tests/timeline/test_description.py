"""What a session says about itself, and how far behind the live edge it is."""

from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import replay
from tests.timeline.story import story

RULES = Rules()


def test_show_season_and_episode_are_the_first_words_said_on_them():
    told = story(
        ("0 Media Session Start", {"content_show": "The Long Thaw", "content_season": 2, "content_episode": "4"}),
        ("1 Play", {"content_show": "Another", "content_season": 3}),
    )
    state = replay(told, RULES)
    assert (state.content_show, state.content_season, state.content_episode) == ("The Long Thaw", "2", "4")


def test_a_pause_in_a_live_stream_leaves_the_viewer_behind():
    live = {"stream_type": "LiveStream"}
    told = story(
        ("0 Media Session Start", live),
        ("1 Play", {"playhead_position": 0}),
        ("11 Pause", {"playhead_position": 10_000}),
        ("31 Play", {"playhead_position": 10_000}),
        ("41 Update Playhead Position", {"playhead_position": 20_000}),
    )
    assert replay(told, RULES).behind_live_ms == 20_000


def test_nobody_is_behind_the_live_edge_of_a_film():
    told = story(("0 Play", {"playhead_position": 0, "stream_type": "OnDemand"}))
    assert replay(told, RULES).behind_live_ms is None
