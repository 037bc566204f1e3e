"""Two sessions beside each other: found, refused, offered; their figures and what differs."""

import json
import re

import pytest

from sessions_app.web.compare_words import Figure, row
from tests.cast import signed_in
from tests.viewers.made import session as row_of
from tests.web.made import queries

MPID = "-8572887793551346848"
CALM = ("Media Session Start", "Play", "Update QoS", "Update Playhead Position", "Media Session End")
ROUGH = ("Media Session Start", "Play", "Buffer Start", "Buffer End", "Error", "Media Session End")


def told(feed, name, story=CALM, title="A film", **columns):
    content = {"content_id": columns.get("content_id", "film-1"), "content_title": title}
    events = [(event, at * 10_000, content) for at, event in enumerate(story)]
    words = {"live": False, "state": "ended", "content_title": title, **columns}
    return row_of(feed, name, [("mpid", MPID)], events, **words)


@pytest.fixture
def two(cast):
    return told(cast.web, "one"), told(cast.web, "two", ROUGH)


def page_of(browser, *sessions, more=""):
    return browser.get(f"/compare/?a={sessions[0].pk}&b={sessions[1].pk}{more}")


def data_of(answer):
    return json.loads(re.search(r'id="compare-data" type="application/json">(.*?)</script>', answer.text, re.S)[1])


def test_the_page_carries_both_sessions_with_their_timelines(cast, two):
    sides = data_of(page_of(signed_in(cast.vera), *two))["sides"]
    assert [sides[name]["session"]["media_session_id"] for name in "ab"] == ["one", "two"]
    assert all(side["timeline"]["playback"] and side["events"] for side in sides.values())


def test_figures_and_findings_of_both_are_there_before_any_script(cast, two):
    answer = page_of(signed_in(cast.vera), *two)
    errors = re.search(r'<tr data-figure="error_count".*?</tr>', answer.text)[0]
    assert re.findall(r'data-part="\w+">([^<]*)<', errors) == ["0", "1", "+1", "B worse"]
    assert "What happened in A" in answer.text
    assert "What happened in B" in answer.text


@pytest.mark.parametrize(("asked", "shown"), [("playhead", "playhead"), ("clock", "clock"), ("moon", "first_frame")])
def test_the_alignment_is_part_of_the_address(cast, two, asked, shown):
    answer = page_of(signed_in(cast.vera), *two, more=f"&align={asked}")
    assert re.findall(r'data-align="(\w+)" aria-current="true"', answer.text) == [shown]


def test_a_session_may_be_named_by_its_media_session_id(cast, two):
    answer = signed_in(cast.vera).get("/compare/?a=one&b=two")
    assert data_of(answer)["sides"]["b"]["session"]["id"] == str(two[1].pk)


@pytest.mark.parametrize("wrong", ["a=nobody&b={0}", "a={0}&b=99999999999999999999", "a={0}&b=%00", "b=0"])
def test_a_session_that_is_not_there_is_not_found(cast, two, wrong):
    assert signed_in(cast.vera).get(f"/compare/?{wrong.format(two[0].pk)}").status_code == 404


def test_a_session_of_another_workspace_is_not_there(cast, two):
    assert page_of(signed_in(cast.eve), *two).status_code == 404
    assert signed_in(cast.eve).get(f"/compare/?a={two[0].pk}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(client, two):
    assert page_of(client, *two)["Location"].startswith("/sign-in/")


def test_no_whole_mpid_is_on_the_pages(cast, two):
    browser = signed_in(cast.sam)
    assert MPID not in page_of(browser, *two).text
    assert MPID not in browser.get(f"/compare/?a={two[0].pk}").text


def test_without_a_second_session_some_are_offered(cast, two):
    one, other = two
    answer = signed_in(cast.vera).get(f"/compare/?a={one.pk}")
    assert f"?a={one.pk}&amp;b={other.pk}" in answer.text
    assert f"b={one.pk}" not in answer.text
    assert "Of the same title" in answer.text


def test_sessions_of_the_same_viewer_are_offered_to_those_who_may_search_viewers(cast, two):
    assert "Of the same viewer" in signed_in(cast.sam).get(f"/compare/?a={two[0].pk}").text
    assert "Of the same viewer" not in signed_in(cast.olga).get(f"/compare/?a={two[0].pk}").text


@pytest.mark.parametrize(
    ("asked", "found"), [("two", True), ("SALT", True), ("nothing like it", False), ("%00", False)]
)
def test_a_session_is_found_by_id_or_title(cast, two, asked, found):
    one = two[0]
    salt = told(cast.web, "three", title="The Salt Road", content_id="salt")
    wanted = salt if asked == "SALT" else two[1]
    answer = signed_in(cast.vera).get(f"/compare/?a={one.pk}&q={asked}").text
    first_offer = answer[answer.index("offer-1") : answer.index("offer-2")]
    assert (f"b={wanted.pk}" in first_offer) is found


def test_an_empty_workspace_says_so(cast):
    assert "None yet" in signed_in(cast.vera).get("/compare/").text


def test_more_events_need_no_more_queries(cast, two):
    browser = signed_in(cast.vera)
    many = told(cast.web, "many", [*ROUGH[:-1], *["Update Playhead Position"] * 100, ROUGH[-1]])
    few = queries(browser, f"/compare/?a={two[0].pk}&b={two[1].pk}")
    assert queries(browser, f"/compare/?a={two[0].pk}&b={many.pk}") == few


def test_markup_in_a_title_stays_text(cast, two):
    odd = told(cast.web, "odd", title="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page_of(signed_in(cast.vera), two[0], odd).text


@pytest.mark.parametrize(
    ("unit", "better", "a", "b", "difference", "verdict"),
    [
        ("length", "less", 1800, 3900, "+2.1 s", "B worse"),
        ("length", "less", 3900, 1800, "−2.1 s", "B better"),
        ("megabits", "more", 3_000_000, 4_500_000, "+1.5 Mbps", "B better"),
        ("count", "", 1, 3, "+2", ""),
        ("percent", "less", 0.01, 0.01, "same", ""),
        ("length", "less", 60_001, 60_003, "same", ""),
        ("count", "less", None, 3, "–", ""),
        ("count", "less", 0, None, "–", ""),
    ],
)
def test_what_differs_in_words(unit, better, a, b, difference, verdict):
    words = row(Figure("x", "X", unit, better), a, b)
    assert (words["difference"], words["verdict"]) == (difference, verdict)
