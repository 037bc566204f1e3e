"""Rollups: true after late data, right at their edges."""

import itertools
import json
import random

import pytest
from hypothesis import Phase, given, seed, settings

from sessions_app.models import DayRollup, MediaSession, MinuteRollup, RollupShare, SessionSummary
from sessions_app.models.clock import database_now
from sessions_app.models.history import events_of
from sessions_app.models.rules import rules_for
from sessions_app.summaries import refold
from sessions_app.summaries.revision import settled
from sessions_app.summaries.rollup import key_of, rebuilt
from sessions_app.summaries.series import Range, percentile, series, titles, totals
from sessions_app.summaries.settle import settle_due
from sessions_app.summaries.shares import MOST_MINUTES, days_of, pieces, share_of
from sessions_app.summaries.timeouts import close_silent
from sessions_app.timeline.spans import build
from sessions_app.viewers import erase
from sessions_app.viewers.audit import Actor
from tests.summaries.made import DAY, MINUTE, event, now_ms, session_named, store, watched
from tests.timeline.histories import histories
from tests.timeline.story import T0

pytestmark = pytest.mark.django_db

# A minute's beginning, so that minutes can be counted by hand.
BEGAN = (now_ms() - 9 * DAY) // DAY * DAY + 12 * 60 * MINUTE


def freshly_computed():
    """What the rollups must hold, from all events and nothing else."""
    shares = []
    for session in MediaSession.objects.filter(live=False).select_related("workspace"):
        timeline = build(events_of(session), rules_for(session.workspace.error_names), now_ms())
        shares.append((key_of(session), share_of(timeline, settled(session, timeline).values)))
    return [
        {place: {name: amount for name, amount in sums.items() if amount} for place, sums in part.items()}
        for part in rebuilt(shares)
    ]


def stored():
    minutes = {(key_of(row), round(row.minute.timestamp()) // 60): row.sums for row in MinuteRollup.objects.all()}
    days = {(key_of(row), row.day.toordinal() - 719_163): row.sums for row in DayRollup.objects.all()}
    return [minutes, days]


def test_rollups_after_late_data_equal_a_fresh_computation(cast):
    dice = random.Random(7)
    told = []
    for number in range(25):
        name = f"s{number}"
        began = BEGAN + dice.randrange(0, 90) * 20_000
        told += [
            *watched(began, name, minutes=dice.choice([1, 2, 5]), content_id=dice.choice(["film-1", "film-2"])),
            event("Buffer Start", began + 20_000, name),
            event("Buffer End", began + 24_000, name),
            event("Ad Start", began + 30_000, name, ad_content_id="ad-1"),
            event("Ad End", began + 40_000, name, ad_content_id="ad-1"),
        ]
    dice.shuffle(told)
    for number in range(0, len(told), 37):
        store(cast.web, *told[number : number + 37], received_at_ms=BEGAN + 3 * 60 * MINUTE + number)
        settle_due()
    assert not MediaSession.objects.filter(live=True).exists()
    assert stored() == freshly_computed()
    assert RollupShare.objects.count() == 25


def sent(history, name, platform):
    """A generated history as a client sends it; what no client can send is left out."""
    told = []
    for one in history:
        if one.at_ms >= 0:
            attributes = json.loads(json.dumps({**one.attributes, "media_session_id": name}, allow_nan=False))
            data = {"event_name": one.name, "custom_event_type": "media", "timestamp_unixtime_ms": one.at_ms}
            told.append(data | {"source_message_id": f"{name}/{one.key}", "custom_attributes": attributes})
    return [{"event_type": "custom_event", "data": data} for data in told]


def mpid_of(one):
    return one[1]


@pytest.fixture(scope="module")
def odd_histories():
    """Always the same thirty, the richest of many, with everything that can be wrong with a session."""
    found = []

    @seed(11)
    @settings(max_examples=300, database=None, phases=[Phase.generate])
    @given(histories(plain=True))
    def collect(told):
        found.append(told)

    collect()
    return sorted(found, key=len)[-30:]


def everything_once():
    """Whatever thirty odd histories happen to have, this one adds to every sum but those of failures."""
    steps = [
        ("Media Session Start", {}), ("Play", {}), ("Update QoS", {"qos_bitrate": 3_200_000, "qos_startup_time": 1800}),
        ("Buffer Start", {}), ("Buffer End", {}), ("Subtitles Changed", {}), ("Ad Start", {"ad_content_id": "a"}),
        ("Ad End", {"ad_content_id": "a"}), ("Play", {}), ("Media Content End", {}), ("Media Session End", {}),
    ]  # fmt: skip
    return [event(name, T0 + 5_000 * at, "whole", **attributes) for at, (name, attributes) in enumerate(steps)]


def broken_off():
    steps = ("Play", "Error", "Media Session End")
    return [event(name, T0 + 5_000 * at, "broken off") for at, name in enumerate(steps)]


def test_every_sum_is_what_a_fresh_computation_gives_after_late_data_reopening_new_rules_and_erasure(
    cast, odd_histories
):
    dice = random.Random(5)
    told = []
    for number, history in enumerate(odd_histories):
        name, mpid = f"s{number}", str(1_000 + number % 7)
        told += [(one, mpid, history[-1].received_at_ms) for one in sent(history, name, "web")]
    for name, happened in (("left", "Media Session End"), ("failed", "Error")):
        short = [event("Media Session Start", T0, name), event(happened, T0 + 5000, name)]
        told += [(one, "1003", T0 + 9000) for one in short]
    told += [(one, "1004", T0 + 90_000) for one in everything_once() + broken_off()]
    dice.shuffle(told)
    for start in range(0, len(told), 60):
        for mpid, group in itertools.groupby(sorted(told[start : start + 60], key=mpid_of), key=mpid_of):
            batch = list(group)
            store(cast.web, *(one for one, _, _ in batch), received_at_ms=batch[0][2], mpid=mpid)
        close_silent()
        settle_due()
    seen = {name for sums in stored()[0].values() for name in sums}
    assert seen >= {
        "sessions", "started", "completed", "plays", "viewers", "content_ms", "watched_ms", "rebuffer_ms", "rebuffers",
        "ads", "ads_completed", "startups", "startup_ms", "bitrates", "exits_before_start", "start_failures",
        "playback_failures", "errors",
    }  # fmt: skip
    assert stored() == freshly_computed()
    cast.northlight.error_names = ["Subtitles Changed"]
    cast.northlight.save()
    for batch in refold.in_batches(MediaSession.objects.all()):
        refold.refold(batch)
    before = stored()
    close_silent()
    settle_due()
    assert before != stored() == freshly_computed()
    asked = erase.ask(cast.northlight, "mpid", "1003", Actor.of(cast.sam), database_now())
    _, gone = erase.approve(asked, Actor.of(cast.alice), database_now())
    assert len(gone) > 2
    assert stored() == freshly_computed()


def test_a_batch_a_week_late_counts_as_if_it_had_come_in_time(cast):
    began = BEGAN + 20_000
    told = watched(began, minutes=4)
    store(cast.web, *told[:2], told[-1], received_at_ms=began + 5 * MINUTE)
    settle_due()
    too_early = stored()
    store(cast.web, *told[2:4], received_at_ms=began + 7 * DAY)
    assert settle_due() == 1
    second = SessionSummary.objects.get(is_latest=True)
    assert second.revision == 2
    assert {"content_time_ms", "pause_count", "paused_ms"} <= {change["field"] for change in second.changes}
    late = stored()
    assert late == freshly_computed() != too_early
    session_named().delete()
    for table in (MinuteRollup, DayRollup, RollupShare, SessionSummary):
        table.objects.all().delete()
    store(cast.web, *watched(began, "s2", minutes=4), received_at_ms=began + 5 * MINUTE)
    settle_due()
    assert stored() == late


def test_a_session_that_turns_out_to_be_of_another_title_moves_there(cast):
    told = watched(BEGAN, content_id="late-title")
    for one in told[1:]:
        del one["data"]["custom_attributes"]["content_id"]
    store(cast.web, *told[1:])
    settle_due()
    assert set(titles(asked(cast))) == {""}
    store(cast.web, told[0])
    settle_due()
    assert session_named().content_id == "late-title"
    assert set(titles(asked(cast))) == {"late-title"}
    assert stored() == freshly_computed()


def asked(cast, **options):
    return Range(cast.northlight, BEGAN - DAY, BEGAN + DAY, **options)


def test_each_minute_has_what_happened_in_it(cast):
    store(cast.web, *watched(BEGAN))
    settle_due()
    points = {(point["at_ms"] - BEGAN) // MINUTE: point for point in series(asked(cast))}
    # starts at 0:01, paused from 1:01 to 1:11, ended at 2:11
    assert [points[minute]["content_ms"] for minute in range(3)] == [59_000, 50_000, 11_000]
    assert [points[minute]["viewers"] for minute in range(3)] == [1, 1, 1]
    assert [points[minute]["plays"] for minute in range(3)] == [1, 0, 0]
    assert points[0]["startup_p50_ms"] is not None


def test_the_peak_is_the_fullest_minute_and_plays_add_up(cast):
    for number in range(4):
        store(cast.web, *watched(BEGAN + number * MINUTE, f"s{number}"))
    settle_due()
    found = totals(asked(cast))
    assert (found["plays"], found["sessions"], found["peak_viewers"]) == (4, 4, 3)
    assert found["content_ms"] == 4 * 120_000
    assert totals(asked(cast, content_id="film-1"), content_duration_ms=600_000)["average_minute_audience"] == 0.8
    assert totals(asked(cast, platform="nowhere"))["plays"] == 0


def test_a_viewer_counts_once_a_day(cast):
    store(cast.web, *watched(BEGAN))
    settle_due()
    (day,) = series(asked(cast), "day")
    assert (day["viewers"], day["content_ms"]) == (1, 120_000)


def test_another_workspace_sees_nothing_of_it(cast):
    store(cast.web, *watched(BEGAN))
    settle_due()
    assert series(asked(cast)._replace(workspace=cast.elsewhere)) == []


def test_the_parts_of_a_span_add_up_to_it():
    for start_ms, end_ms in [(0, 0), (5, 5), (1, 2), (0, 60_000), (59_999, 60_001), (7, 10**9), (100, 10**13)]:
        found = list(pieces(start_ms, end_ms))
        assert sum(to_ms - from_ms for _, from_ms, to_ms in found) == end_ms - start_ms
        assert len(found) <= MOST_MINUTES + 1


def test_days_are_the_sums_of_their_minutes():
    assert days_of({1439: {"plays": 1, "viewers": 1}, 1440: {"viewers": 1}, 1441: {"viewers": 1, "plays": 2}}) == {
        0: {"plays": 1, "viewers": 1},
        1: {"viewers": 1, "plays": 2},
    }


@pytest.mark.parametrize(
    ("counts", "part", "ms"),
    [
        ([(100, 10)], 0.5, 50),
        ([(100, 5), (200, 5)], 0.5, 100),
        ([(100, 5), (200, 5)], 0.95, 190),
        ([(100, 0), (200, 4)], 0.5, 150),
        # Beyond the last limit nothing is known but that it took longer.
        ([(100, 1), (None, 9)], 0.95, 100),
        ([(100, 0)], 0.5, None),
        ([], 0.5, None),
    ],
)
def test_percentiles_lie_in_their_bucket(counts, part, ms):
    assert percentile(counts, part) == ms
