"""Figures over many settled sessions, over REST."""

import pytest

from sessions_app.summaries.settle import settle_due
from tests.api.made import as_person, as_program
from tests.summaries.made import DAY, MINUTE, now_ms, store, watched


@pytest.fixture
def began_ms(cast):
    """Two sessions of one film and one of another, of a minute each, one after the other."""
    began = (now_ms() - 2 * 60 * MINUTE) // MINUTE * MINUTE
    for number, content in enumerate(["film-1", "film-1", "film-2"]):
        store(cast.web, *watched(began + number * 10 * MINUTE, f"s{number}", minutes=2, content_id=content))
    settle_due()
    return began


def test_totals_series_and_titles_agree(cast, began_ms):
    told = as_person(cast.vera).get("rollups/").json()
    assert (told["totals"]["sessions"], told["totals"]["plays"], told["totals"]["content_ms"]) == (3, 3, 360_000)
    assert (told["totals"]["peak_viewers"], told["totals"]["peak_at_ms"]) == (1, began_ms)
    assert sum(point["content_ms"] for point in told["series"]) == 360_000
    assert [(title["content_id"], title["plays"]) for title in told["titles"]] == [("film-1", 2), ("film-2", 1)]
    assert told["totals"]["startup_p50_ms"] is not None


def test_one_title_of_one_hour(cast, began_ms):
    told = (
        as_person(cast.vera).get("rollups/", content_id="film-2", from_ms=began_ms, to_ms=began_ms + 60 * MINUTE).json()
    )
    assert (told["totals"]["sessions"], [title["content_id"] for title in told["titles"]]) == (1, ["film-2"])
    assert as_person(cast.vera).get("rollups/", to_ms=began_ms).json()["totals"]["sessions"] == 0


def test_days(cast, began_ms):
    told = as_person(cast.vera).get("rollups/", step="day", from_ms=began_ms - 30 * DAY).json()
    assert sum(day["viewers"] for day in told["series"]) == told["totals"]["sessions"] == 3


def test_a_range_of_more_minutes_than_an_answer_holds_begins_later(cast, began_ms):
    told = as_person(cast.vera).get("rollups/", from_ms=0, to_ms=began_ms + 60 * MINUTE).json()
    assert told["from_ms"] == began_ms + 60 * MINUTE - 7 * DAY


@pytest.mark.parametrize("query", [{"from_ms": -1}, {"to_ms": 10**18}, {"step": "hour"}, {"input_id": "x"}])
def test_what_makes_no_sense_is_refused(cast, query):
    assert as_person(cast.vera).get("rollups/", **query).status_code == 400


def test_another_workspaces_sessions_are_not_in_it(cast, began_ms):
    told = as_program(cast.elsewhere, "admin").get("rollups/").json()
    assert (told["totals"]["sessions"], told["series"], told["titles"]) == (0, [], [])
