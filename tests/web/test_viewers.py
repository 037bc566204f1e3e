"""Search and the viewer's page: masked, recorded, helpful."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from sessions_app.models import AuditEntry, DayRollup, Identity
from tests.cast import signed_in
from tests.stack import media_event
from tests.summaries.made import store
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


def days_ago(count):
    return timezone.now().date() - dt.timedelta(days=count)


def began(cast, days, title):
    at = dt.datetime.combine(days_ago(days), dt.time(12), dt.UTC)
    at_ms = int(at.timestamp() * 1000)
    return playing(cast.web, title, [("mpid", MPID)], content_title=title, started_at_ms=at_ms, last_at_ms=at_ms)


def test_sessions_can_be_seen_from_one_day_to_another_both_included(cast, viewer):
    for days in (40, 41, 45, 46):
        began(cast, days, f"{days} days ago")
    shown = signed_in(cast.sam).get(f"/viewers/{viewer.pk}/", {"from": days_ago(45), "to": days_ago(41)}).text
    assert re.findall(r"(\d+) days ago</span>", shown) == ["41", "45"]
    assert "2 sessions" in shown
    assert "in 5 days" in shown


def test_the_days_stay_when_problems_are_picked_out(cast, viewer):
    began(cast, 45, "quiet")
    asked = {"from": days_ago(45), "to": days_ago(41)}
    shown = signed_in(cast.sam).get(f"/viewers/{viewer.pk}/", asked | {"show": "problems"}).text
    assert "No session with problems, " in shown
    assert f'href="?from={days_ago(45)}&amp;to={days_ago(41)}"' in shown
    assert 'name="show" value="problems"' in shown


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-10-09", "2026-10-01", "The first day comes after the last."),
        ("2026-10-09", "", "Give both days"),
        ("yesterday", "2026-10-09", "YYYY-MM-DD"),
        ("2026-02-30", "2026-03-01", "YYYY-MM-DD"),
        ("0001-01-01", "9999-12-31", "at most 31"),
        ("9999-12-30", "9999-12-31", "still to come"),
    ],
)
def test_days_that_cannot_be_meant_are_refused_in_words_and_the_usual_ones_shown(cast, viewer, first, last, words):
    answer = signed_in(cast.sam).get(f"/viewers/{viewer.pk}/", {"from": first, "to": last})
    assert answer.status_code == 422
    assert words in answer.text
    assert "in 14 days" in answer.text
    assert f'name="from" value="{first}"' in answer.text


def test_a_reveal_keeps_the_days(cast, viewer):
    asked = f"from={days_ago(9)}&to={days_ago(3)}"
    answer = signed_in(cast.sam).post(f"/viewers/{viewer.pk}/reveal/?{asked}", {"reason": "SUP-4821"})
    assert answer["Location"] == f"/viewers/{viewer.pk}/?{asked}"


def test_a_session_whose_device_is_ahead_of_us_is_not_lost(cast, viewer):
    began(cast, -3, "from the future")
    browser = signed_in(cast.sam)
    assert "from the future" in browser.get(f"/viewers/{viewer.pk}/?days=7").text
    assert "from the future" not in browser.get(f"/viewers/{viewer.pk}/", {"from": days_ago(9), "to": days_ago(1)}).text


@pytest.mark.parametrize(("device_info", "words"), [({"timezone_offset": 5.5}, "UTC+5:30"), (None, "not sent")])
def test_the_viewers_time_is_that_of_their_last_device(cast, device_info, words):
    store(cast.web, media_event("one", "Play"), device_info=device_info)
    viewer = Identity.objects.filter(workspace=cast.northlight).first()
    shown = signed_in(cast.sam).get(f"/viewers/{viewer.pk}/").text
    card = re.search(r"Time zone</dt><dd>(.*?)</dd>", shown)[1]
    button = re.search(r'data-zone="device"[^>]*>', shown)[0]
    assert card.startswith(words)
    assert ("disabled" in button) == (device_info is None)
