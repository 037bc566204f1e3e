"""One title's page: true for any number of sessions, and open about what it is made of."""

import json
import re

import pytest

from sessions_app.live import board
from sessions_app.summaries.settle import settle_due
from sessions_app.web import title_numbers, titles
from tests.cast import signed_in
from tests.summaries.made import MINUTE, event, now_ms, store, watched

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_board(monkeypatch):
    monkeypatch.setattr(board, "SNAPSHOT_FOR_S", -1)


def page_of(cast, content_id="film-1"):
    return signed_in(cast.vera).get(f"/titles/{content_id}/")


def charts(page):
    return json.loads(re.search(r'<script id="charts"[^>]*>(.*?)</script>', page.text).group(1))


def figures(page):
    """Each figure's label and its text."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.text)
    return {label: re.sub(r"<[^>]*>", "", text).strip() for label, text in found}


def seen_to(began, session, part):
    """Played without a break from the start of a film of ten minutes."""
    end_ms = began + 1000 + round(part * 600_000)
    return [
        event("Media Session Start", began, session),
        event("Play", began + 1000, session, playhead_position=0),
        event("Media Session End", end_ms, session, playhead_position=round(part * 600_000)),
    ]


def test_the_figures_are_of_all_sessions_not_of_those_that_are_listed(cast, monkeypatch):
    monkeypatch.setattr(titles, "SESSIONS_SHOWN", 1)
    monkeypatch.setattr(title_numbers, "SAMPLED", 1)
    for number, part in enumerate((1.0, 0.95, 0.5, 0.1)):
        store(cast.web, *seen_to(now_ms() - 60 * MINUTE + number * MINUTE, f"s{number}", part))
    settle_due()
    page = page_of(cast)
    told = figures(page)
    assert told["Completion"].startswith("50")
    assert told["Exits before start"].startswith("0")
    assert "4 settled sessions" in page.text
    assert page.text.count('data-id="') == 1
    assert "the newest 1 session " in page.text


def test_the_audience_counts_viewers_in_the_fullest_minute_settled_ones_and_open_ones(cast):
    began = now_ms() // (10 * MINUTE) * 10 * MINUTE - 60 * MINUTE
    store(cast.web, *seen_to(began, "s1", 0.3), *seen_to(began + 2 * MINUTE, "s2", 0.3))
    store(cast.web, event("Play", now_ms() - 1000, "s3"))
    settle_due()
    values = charts(page_of(cast))["audience"]["values"]
    assert len(values) == 145
    assert max(values) == values[-7] == 2
    # Its Play was a second ago, in the ten minutes before if they have just turned.
    assert 1 in values[-2:]
    assert sum(values) == 3


def test_retention_is_measured_against_the_length_most_sessions_say(cast):
    began = now_ms() - 60 * MINUTE
    store(cast.web, *seen_to(began, "s1", 1.0), *seen_to(began, "s2", 0.5))
    in_seconds = [event("Play", began, "s3", playhead_position=0, content_duration=6_000_000)]
    store(cast.web, *in_seconds, event("Media Session End", began + MINUTE, "s3", content_duration=6_000_000))
    kept = charts(page_of(cast))["retention"]
    assert (kept["duration_ms"], kept["sessions"]) == (600_000, 2)
    assert (kept["shares"][0], kept["shares"][24], kept["shares"][26], kept["shares"][49]) == (1, 1, 0.5, 0.5)


def test_what_a_session_still_playing_has_played_counts_for_retention(cast):
    store(cast.web, *seen_to(now_ms() - 5 * MINUTE, "s1", 0.4)[:2], event("Ad Click", now_ms() - 1000, "s1"))
    assert charts(page_of(cast))["retention"]["shares"][:20] == [1] * 20


def test_watching_now_leaves_out_the_paused(cast):
    store(cast.web, *watched(now_ms() - MINUTE, "s1")[:2])
    store(cast.web, *watched(now_ms() - 3 * MINUTE, "s2")[:3])
    told = figures(page_of(cast))
    assert told["Watching now"] == "1"


def test_a_title_nobody_played_is_not_found(cast):
    assert page_of(cast, "nothing").status_code == 404
