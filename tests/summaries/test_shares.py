"""What a session puts into the rollups, added up, is what it says of itself."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.summaries.shares import days_of, share_of
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.spans import build
from sessions_app.timeline.summary import summarize
from tests.timeline.histories import A_QUARTER, histories, moments
from tests.timeline.story import at, story

RULES = Rules()
SUMS = {
    "content_ms": "content_time_ms",
    "watched_ms": "watched_time_ms",
    "rebuffer_ms": "rebuffer_ms",
    "rebuffers": "rebuffer_count",
    "ads": "ad_count",
    "ads_completed": "ad_completed_count",
    "startup_ms": "startup_time_ms",
    "exits_before_start": "exit_before_start",
    "start_failures": "start_failure",
    "playback_failures": "playback_failure",
    "errors": "error_count",
}


def shared(timeline):
    values = summarize(timeline)
    return share_of(timeline, values), values


def added(share):
    total = Counter()
    for sums in share.values():
        assert all(amount > 0 for amount in sums.values())
        total.update(sums)
    return total


@A_QUARTER
@given(st.data())
def test_the_minutes_and_the_days_of_a_session_add_up_to_its_numbers(data):
    told = data.draw(histories())
    share, values = shared(build(told, RULES, data.draw(moments(told))))
    minutes, days = added(share), added(days_of(share))
    for name, value in SUMS.items():
        assert minutes[name] == days[name] == (values[value] or 0), name
    assert minutes["sessions"] == 1


def test_what_comes_before_the_first_play_is_not_watched():
    told = story("0 Media Session Start", "1 Ad Start", "16 Ad End", "20 Play", "50 Media Session End")
    share, values = shared(build(told, RULES, at(60)))
    assert added(share)["watched_ms"] == values["watched_time_ms"] == 30_000
