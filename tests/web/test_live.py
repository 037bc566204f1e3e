"""The live board as the server draws it."""

import json
import re

import pytest

from sessions_app.ingest import routes
from sessions_app.live import board
from tests.cast import signed_in
from tests.web.made import ended, playing, queries


def drawn(answer):
    return re.findall(r'class="session-row[^"]*" href="[^"]*" data-id="(\d+)"', answer.text)


def board_of(answer):
    return json.loads(re.search(r'id="board" type="application/json">(.*?)</script>', answer.text, re.S)[1])


def test_a_workspace_without_sessions_shows_how_to_send_one(cast):
    answer = signed_in(cast.vera).get("/live/")
    assert answer["Location"] == "/first-run/"


def test_live_sessions_are_drawn_and_ended_ones_are_not(cast):
    live, _ = playing(cast.web, "one"), ended(cast.web, "two")
    answer = signed_in(cast.vera).get("/live/")
    assert drawn(answer) == [str(live.pk)]
    assert board_of(answer)["matched"] == 1


def test_nobody_watching_is_said(cast):
    ended(cast.web, "two")
    answer = signed_in(cast.vera).get("/live/")
    assert "No live sessions right now" in answer.text
    assert drawn(answer) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("platform=roku", ["roku"]),
        ("platform=roku&platform=web", ["roku", "web"]),
        ("stream_type=LiveStream", ["web"]),
        ("content=nothing", []),
        ("state=paused", []),
        ("platform=%00&state=%F0%9F", []),
    ],
)
def test_filters_in_the_address_choose_the_rows(cast, query, found):
    rows = {
        "roku": playing(cast.web, "one", platform="roku", stream_type="OnDemand"),
        "web": playing(cast.web, "two", platform="web", stream_type="LiveStream"),
    }
    answer = signed_in(cast.vera).get(f"/live/?{query}")
    assert sorted(drawn(answer)) == sorted(str(rows[name].pk) for name in found)
    assert "Clear" in answer.text


def test_the_filter_that_excludes_most_is_named(cast):
    for number in range(3):
        playing(cast.web, f"tv {number}", platform="roku", stream_type="OnDemand")
    playing(cast.web, "page", platform="web", stream_type="LiveStream")
    answer = signed_in(cast.vera).get("/live/?platform=web&stream_type=OnDemand")
    assert board_of(answer)["tightest"] == {"name": "platform", "matched": 3}
    assert "Without Platform, 3 would match." in answer.text
    assert board_of(signed_in(cast.vera).get("/live/?platform=web"))["tightest"] is None


def test_the_only_filter_is_not_blamed_again(cast):
    playing(cast.web, "page", platform="web")
    assert "Without" not in signed_in(cast.vera).get("/live/?platform=roku").text


def test_a_title_filters_on_a_click_and_lets_go_on_another(cast):
    playing(cast.web, "one", content_id="film-1")
    browser = signed_in(cast.vera)
    title = re.compile(r'<a href="([^"]*)" data-title="film-1"( aria-current="true")?>')
    address, chosen = title.search(browser.get("/live/?sort=newest").text).groups()
    assert (address, chosen) == ("?sort=newest&amp;content=film-1", None)
    answer = browser.get("/live/?sort=newest&content=film-1")
    address, chosen = title.search(answer.text).groups()
    assert (address, bool(chosen)) == ("?sort=newest", True)
    assert '<a class="link nowrap wide-only" href="/titles/film-1/">' in answer.text


def test_titles_sort_by_their_name(cast):
    second, first = playing(cast.web, "1", content_title="Bees"), playing(cast.web, "2", content_title="ants")
    assert drawn(signed_in(cast.vera).get("/live/?sort=title")) == [str(first.pk), str(second.pk)]


def test_a_hostile_title_is_text(cast):
    playing(cast.web, "one", content_title="</script><img src=x onerror=alert(1)>")
    answer = signed_in(cast.vera).get("/live/")
    assert "<img" not in answer.text


def test_the_whole_mpid_never_leaves(cast):
    playing(cast.web, "one", [("mpid", "-8572887793551346848")])
    answer = signed_in(cast.sam).get("/live/")
    assert "6848" in answer.text
    assert "85728877" not in answer.text


@pytest.mark.parametrize("path", ["/live/", "/titles/film-1/"])
def test_more_sessions_cost_no_more_queries(cast, path, monkeypatch):
    monkeypatch.setattr(board, "SNAPSHOT_FOR_S", -1)
    browser = signed_in(cast.vera)
    playing(cast.web, "the first")
    before = queries(browser, path)
    for number in range(30):
        playing(cast.web, f"session {number}", [("mpid", str(10_000 + number))])
    assert queries(browser, path) <= before


def test_first_run_becomes_the_board(cast):
    browser = signed_in(cast.vera)
    assert browser.get("/first-run/state/").json()["board_url"] is None
    playing(cast.web, "one")
    assert browser.get("/first-run/state/").json()["board_url"] == "/live/"
    assert browser.get("/first-run/")["Location"] == "/live/"


def test_the_snippet_for_pages_names_doors_that_exist_and_asks_the_sdk_to_send(cast):
    page = signed_in(cast.alice).get("/first-run/").text
    code = page.split('id="web-code"')[1].split("</pre>")[0]
    key = cast.web.key
    assert f"mParticle.init('{key}'" in code
    for option, rest in (
        ("v3SecureServiceUrl", f"{key}/events"),
        ("identityUrl", "identify"),
        ("configUrl", f"{key}/config"),
    ):
        place = re.search(rf"{option}: '[^/']+(/[^']*)'", code)[1]
        assert routes.match(place + rest), option
    # logPageEvent: without it the media SDK tells kits alone.
    assert re.search(r"'OnDemand',\s+true\)", code)
