"""Search and the viewer's page: masked, recorded, helpful."""

import pytest
from django.utils import timezone

from sessions_app.models import AuditEntry, DayRollup
from tests.cast import signed_in
from tests.viewers.made import identity
from tests.web.made import playing, queries

MPID = "-8572887793551346848"


@pytest.fixture
def viewer(cast):
    playing(cast.web, "one", [("mpid", MPID), ("email", "ann@mail.example")])
    return identity(cast.northlight, "mpid", MPID)


def test_support_finds_a_viewer_by_the_end_of_an_mpid(cast, viewer):
    answer = signed_in(cast.sam).get("/viewers/", {"q": "6848"})
    assert f"/viewers/{viewer.pk}/" in answer.text
    assert "85728877" not in answer.text


def test_a_search_is_recorded(cast, viewer):
    signed_in(cast.sam).get("/viewers/", {"q": "6848"})
    assert AuditEntry.objects.get().action == "search"


def test_others_find_titles_and_sessions_but_no_people(cast, viewer):
    answer = signed_in(cast.vera).get("/viewers/", {"q": "ann@mail.example"})
    assert f"/viewers/{viewer.pk}/" not in answer.text
    assert "/titles/film-1/" in signed_in(cast.vera).get("/viewers/", {"q": "film"}).text
    assert not AuditEntry.objects.exists()


def test_the_only_session_of_that_id_is_opened(cast, viewer):
    answer = signed_in(cast.vera).get("/viewers/", {"q": "one"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sessions/")


@pytest.mark.parametrize("text", ["9999", "%", "\x00", "'; --", "x" * 500])
def test_nothing_found_is_said(cast, viewer, text):
    answer = signed_in(cast.sam).get("/viewers/", {"q": text})
    assert answer.status_code == 200
    assert "No viewer matches" in answer.text


def test_too_many_searches_wait(cast, viewer):
    browser = signed_in(cast.sam)
    for _ in range(30):
        browser.get("/viewers/", {"q": "6848"})
    answer = browser.get("/viewers/", {"q": "6848"})
    assert answer.status_code == 429
    assert "30 searches in a minute" in answer.text


def test_the_card_is_masked_until_a_reason_is_given(cast, viewer):
    browser = signed_in(cast.sam)
    assert MPID not in browser.get(f"/viewers/{viewer.pk}/").text
    refused = browser.post(f"/viewers/{viewer.pk}/reveal/", {"reason": "  "})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    assert MPID not in refused.text


def test_a_reveal_shows_everything_and_is_written_down(cast, viewer):
    browser = signed_in(cast.sam)
    browser.post(f"/viewers/{viewer.pk}/reveal/", {"reason": "SUP-4821"})
    shown = browser.get(f"/viewers/{viewer.pk}/")
    assert MPID in shown.text
    assert "ann@mail.example" in shown.text
    assert "SUP-4821" in shown.text
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["reveal", "view"]
    assert MPID not in browser.get(f"/viewers/{viewer.pk}/?hide=1").text


def test_one_persons_reveal_shows_nothing_to_another(cast, viewer):
    signed_in(cast.sam).post(f"/viewers/{viewer.pk}/reveal/", {"reason": "SUP-4821"})
    cast.vera.memberships.create(workspace=cast.northlight, role="support")
    assert MPID not in signed_in(cast.vera).get(f"/viewers/{viewer.pk}/").text


def test_sessions_with_problems_can_be_picked_out(cast, viewer):
    browser = signed_in(cast.sam)
    assert "A film" in browser.get(f"/viewers/{viewer.pk}/?days=7").text
    assert "No session with problems" in browser.get(f"/viewers/{viewer.pk}/?show=problems").text


def test_more_sessions_cost_no_more_queries(cast, viewer):
    browser, path = signed_in(cast.sam), f"/viewers/{viewer.pk}/"
    before = queries(browser, path)
    for number in range(20):
        playing(cast.web, f"more {number}", [("mpid", MPID)])
    assert queries(browser, path) == before


def test_the_viewers_figures_stand_beside_everybodys(cast, viewer):
    sums = {"watched_ms": 1000, "rebuffer_ms": 8, "ads": 10, "ads_completed": 9}
    keys = {"workspace": cast.northlight, "input_id": cast.web.pk, "content_id": "film", "platform": "web"}
    DayRollup.objects.create(day=timezone.now().date(), sums=sums, **keys)
    page = signed_in(cast.sam).get(f"/viewers/{viewer.pk}/").text
    assert "all 0.80 %" in page
    assert "all 90 %" in page or "all 90.0 %" in page
