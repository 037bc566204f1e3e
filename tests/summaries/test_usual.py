"""What a session's startup time is set against: percentiles of comparable sessions, never of too few."""

import pytest
from django.core.cache import cache

from sessions_app.models import MediaSession
from sessions_app.summaries.settle import settle_due
from sessions_app.summaries.usual import FEWEST, usual_startups, usual_startups_of_title
from tests.summaries.made import DAY, event, now_ms, session_named, store, watched

pytestmark = pytest.mark.django_db


def started_in(startup_ms, name, began=None, **attributes):
    began = began or now_ms() - 600_000
    told = watched(began, name, **attributes)
    return [*told[:2], event("Update QoS", began + 1500, name, qos_startup_time=startup_ms, **attributes), *told[2:]]


def settle_many(source, startups_ms, prefix="s", **options):
    for number, startup_ms in enumerate(startups_ms):
        store(source, *started_in(startup_ms, f"{prefix}{number}", **options))
    settle_due()
    # What was kept of before is forgotten after some minutes.
    cache.clear()


def usual(cast, name="s0"):
    return usual_startups(session_named(name), cast.northlight)


def test_a_session_is_set_against_its_platform(cast):
    settle_many(cast.web, [400] * (FEWEST - 1) + [9000])
    found = usual(cast)
    assert (found.platform, found.sessions) == (session_named("s0").platform, FEWEST)
    assert 250 < found.p50_ms < found.p75_ms < found.p95_ms <= 500


def test_too_few_say_nothing(cast):
    settle_many(cast.web, [400] * (FEWEST - 1))
    assert usual(cast) is None
    assert usual_startups_of_title(session_named("s0"), cast.northlight) is None


def test_a_platform_with_too_few_is_set_against_all(cast):
    settle_many(cast.web, [400] * FEWEST)
    store(cast.web, *started_in(400, "odd"))
    MediaSession.objects.filter(media_session_id="odd").update(platform="odd")
    assert usual(cast, "odd").platform is None


def test_only_the_week_up_to_the_session_counts(cast):
    settle_many(cast.web, [400] * FEWEST, began=now_ms() - 9 * DAY)
    store(cast.web, *started_in(400, "today"))
    assert usual(cast, "today") is None


def test_a_start_slower_than_three_in_four_is_a_finding(cast):
    settle_many(cast.web, [400] * FEWEST)
    settle_many(cast.web, [2400], prefix="slow")
    (found,) = [one for one in session_named("slow0").summaries.get().findings if one["kind"] == "slow_startup"]
    assert "slower than 3 in 4" in found["text"]
