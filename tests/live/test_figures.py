"""The board's numbers, near: a few invented rows, one moment."""

from types import SimpleNamespace

from sessions_app.live import figures
from sessions_app.live.figures import History, percentile
from sessions_app.live.filters import filters_of
from sessions_app.live.rows import MINUTE_MS, attention, changes_at, minutes_of, spread
from sessions_app.timeline.session import State

NOW_MS = 1_795_400_000_000 // MINUTE_MS * MINUTE_MS + 30_000
LAST = NOW_MS // MINUTE_MS


def row(**facts):
    strip = facts.pop("strip", [["playing", NOW_MS - 120_000, None]])
    usual = {
        "id": 1,
        "live": True,
        "state": "playing",
        "state_since_ms": NOW_MS - 120_000,
        "started_at_ms": NOW_MS - 121_000,
        "last_at_ms": NOW_MS,
        "first_play_at_ms": NOW_MS - 120_000,
        "startup_ms": 1000,
        "watched_ms": 120_000,
        "rebuffer_ms": 0,
        "ad_count": 0,
        "ad_completed_count": 0,
        "ended_before_start": False,
        "mpid": "",
        "content_id": "c1",
        "content_title": "Meltwater",
        "content_show": "The Long Thaw",
        "stream_type": "OnDemand",
    }
    made = SimpleNamespace(**{**usual, **facts})
    made.is_watching = lambda now_ms: made.live and made.state != "paused"
    made.watched_by, made.rebuffered_by = (lambda now_ms: made.watched_ms), (lambda now_ms: made.rebuffer_ms)
    made.minutes, made.open_from_ms = minutes_of(State(strip=strip), made.started_at_ms)
    return made


def test_nothing_to_measure_is_none_and_never_zero():
    said = figures.figures([], NOW_MS)
    assert said["viewers_now"] == 0
    assert said["startup_p50_ms"] is None
    assert said["rebuffer_ratio"] is None
    assert said["rebuffer_30min"] == [None] * 30


def test_who_pauses_is_no_viewer_but_is_live():
    said = figures.figures([row(), row(id=2, state="paused")], NOW_MS)
    assert (said["viewers_now"], said["live_sessions"]) == (1, 2)


def test_two_sessions_of_one_person_are_one_distinct_viewer():
    rows = [row(id=1, mpid="7"), row(id=2, mpid="7"), row(id=3), row(id=4)]
    assert figures.figures(rows, NOW_MS)["distinct_viewers"] == 3


def test_ratios_are_sums_over_sums():
    rows = [row(rebuffer_ms=10_000, watched_ms=20_000), row(id=2, rebuffer_ms=0, watched_ms=80_000)]
    assert figures.figures(rows, NOW_MS)["rebuffer_ratio"] == 0.1


def test_viewers_of_a_minute_are_watching_time_over_a_minute():
    half = [["playing", (LAST - 2) * MINUTE_MS + 30_000, None]]
    said = figures.figures([row(), row(id=2, strip=half)], NOW_MS)
    assert said["viewers_30min"][-4:] == [0, 1, 2, 2]


def test_a_stall_shows_in_its_own_minute():
    stalled = [["playing", (LAST - 2) * MINUTE_MS, (LAST - 1) * MINUTE_MS]]
    stalled += [["buffering", (LAST - 1) * MINUTE_MS, LAST * MINUTE_MS], ["playing", LAST * MINUTE_MS, None]]
    assert figures.figures([row(strip=stalled)], NOW_MS)["rebuffer_30min"][-3:] == [0.0, 1.0, 0.0]


def test_what_was_said_of_an_old_minute_stands():
    history = History()
    history.remember(LAST - 20, 7, 0.25, 0.5)
    said = figures.figures([row()], NOW_MS, history)
    assert said["viewers_30min"][-21] == 7
    assert said["rebuffer_30min"][-21] == 0.25


def test_who_left_before_the_first_frame_is_counted_among_those_who_began():
    rows = [row(), row(id=2, live=False, ended_before_start=True, first_play_at_ms=None)]
    assert figures.figures(rows, NOW_MS)["exits_before_start"] == {"n": 1, "of": 2}


def test_plays_are_counted_in_their_minute():
    said = figures.figures([row(first_play_at_ms=NOW_MS - 10_000), row(id=2)], NOW_MS)
    assert said["plays_per_minute"] == 1
    assert said["plays_30min"][-3:] == [1, 0, 1]


def test_titles_are_ranked_by_their_viewers():
    rows = [row(), row(id=2, content_id="c2"), row(id=3, content_id="c2")]
    assert [(title["content_id"], title["viewers"]) for title in figures.titles(rows, NOW_MS)] == [("c2", 2), ("c1", 1)]


def test_percentiles_by_nearest_rank():
    assert percentile([], 50) is None
    assert percentile([1, 2, 3, 4], 50) == 3
    assert percentile(list(range(100)), 95) == 95


def test_a_span_is_spread_over_the_minutes_it_lies_in():
    minutes = {}
    spread(minutes, 30_000, 150_000, stalled=False)
    assert minutes == {0: [30_000, 0], 1: [60_000, 0], 2: [30_000, 0]}


def test_errors_ask_for_attention_before_stalls_and_stalls_before_late_data():
    def score(state="playing", **health):
        quiet = {"error_count": 0, "rebuffer_count": 0, "rebuffer_ms": 0, "dropped_frames": 0, "late_ms": 0}
        return attention({"state": state, "health": {**quiet, **health}})

    assert score(error_count=1) > score("buffering", rebuffer_count=3) > score(late_ms=20_000) > score() == 0


def test_a_row_knows_when_silence_will_change_it():
    steady = State(
        state="playing", live=True, beats=5, beat_ms=10_000, last_at_ms=NOW_MS, closes_at_ms=NOW_MS + 600_000
    )
    assert NOW_MS + 30_000 < changes_at(steady) < NOW_MS + 60_000
    steady.state = "no_signal"
    assert changes_at(steady) == NOW_MS + 600_000


def test_filters_come_from_the_url_and_nonsense_is_as_if_it_were_not_there():
    filters = filters_of({"platform": ["Roku", "Web"], "sort": ["nonsense"], "limit": ["-1"], "colour": ["red"]})
    assert filters.platform == {"Roku", "Web"}
    assert (filters.sort, filters.limit) == ("newest", 200)
    assert filters_of({"limit": ["100000"]}).limit == 500
