"""The numbers of a session over REST: settled, so far, as known then, and explained."""

import pytest

from sessions_app.models import SessionSummary
from sessions_app.timeline.metrics import METRICS
from tests.api.made import as_person
from tests.api.test_sessions import STORY
from tests.viewers.made import NOW, NOW_MS, session


@pytest.fixture
def watched(cast):
    return session(cast.web, "s-1", [], STORY, live=False, state="ended", last_at_ms=NOW_MS + 71_000)


def test_a_session_not_yet_settled_has_its_numbers_so_far(cast, watched):
    numbers = as_person(cast.vera).get(f"sessions/{watched.pk}/summary/").json()
    assert not numbers["settled"]
    assert set(METRICS) <= set(numbers)
    assert (numbers["content_time_ms"], numbers["paused_ms"]) == (60_000, 10_000)


def test_settled_numbers_are_what_was_settled(cast, watched):
    SessionSummary.objects.create(
        session=watched,
        workspace=cast.northlight,
        revision=1,
        session_version=5,
        fold_version=1,
        settled_at=NOW,
        started_at_ms=NOW_MS,
        ended_at_ms=NOW_MS + 71_000,
        ended_reason="session_end",
        values={"content_time_ms": 1},
        reason="ended",
    )
    numbers = as_person(cast.vera).get(f"sessions/{watched.pk}/summary/").json()
    assert (numbers["settled"], numbers["revision"], numbers["content_time_ms"]) == (True, 1, 1)
    assert numbers["revisions"][0]["reason"] == "ended"
    assert not numbers["is_current"]
    back = as_person(cast.vera).get(f"sessions/{watched.pk}/summary/", as_of_ms=NOW_MS + 31_000).json()
    assert (back["settled"], back["content_time_ms"]) == (False, 30_000)


@pytest.mark.parametrize("metric", METRICS)
def test_every_number_can_be_explained(cast, watched, metric):
    vera = as_person(cast.vera)
    explained = vera.get(f"sessions/{watched.pk}/explain/{metric}/").json()
    assert explained["value"] == vera.get(f"sessions/{watched.pk}/summary/").json()[metric]
    assert explained["formula"] == METRICS[metric].formula


def test_intervals_add_up(cast, watched):
    explained = as_person(cast.vera).get(f"sessions/{watched.pk}/explain/content_time_ms/").json()
    assert sum(piece["amount"] for piece in explained["intervals"]) == explained["value"] == 60_000
    assert as_person(cast.vera).get(f"sessions/{watched.pk}/explain/happiness/").status_code == 404
