"""The replay page and the button that leads to it: who may, what happens, what is shown meanwhile."""

import pytest

from sessions_app.models import MediaSession, Replay
from tests.cast import signed_in
from tests.replays.made import began, run
from tests.viewers.made import session as row_of

STORY = ("Media Session Start", "Play", "Pause", "Media Session End")


@pytest.fixture
def watched(cast):
    events = [(name, at * 10_000, {"media_session_id": "then"}) for at, name in enumerate(STORY)]
    return row_of(cast.web, "then", [("mpid", "77001122")], events, platform="web")


def press(browser, session, speed="10"):
    return browser.post(f"/sessions/{session.pk}/replay/", {"speed": speed})


def test_the_button_starts_a_replay_and_leads_to_it(cast, watched):
    browser = signed_in(cast.sam)
    answer = press(browser, watched)
    replay = Replay.objects.get()
    assert (replay.speed, replay.requested_by, replay.state) == (10, "sam@northlight.example", "running")
    assert answer["Location"] == f"/replays/?new={replay.pk}"
    assert "starts again at 10×" in browser.get(answer["Location"]).text


def test_the_link_is_there_as_soon_as_the_session_is(cast, watched):
    browser = signed_in(cast.olga)
    press(browser, watched, "1")
    replay = Replay.objects.get()
    address = f"/replays/progress/?new={replay.pk}"
    assert "Watch it live" not in browser.get(address).json()["list"]
    began(replay, ago_s=5)
    run()
    again = MediaSession.objects.get(session_key=replay.session_key)
    link = f"/sessions/{again.pk}/?workspace=northlight-replays"
    assert link in browser.get(address).json()["list"]
    page = browser.get(link)
    assert page.status_code == 200
    assert browser.get("/replays/").text.count(link) == 1


def test_a_viewer_sees_no_button_and_gets_no_replay(cast, watched):
    browser = signed_in(cast.vera)
    assert "/replay/" not in browser.get(f"/sessions/{watched.pk}/").text
    assert press(browser, watched).status_code == 403
    assert browser.get("/replays/").status_code == 403
    assert not Replay.objects.exists()


@pytest.mark.parametrize("name", ["sam", "olga", "alice"])
def test_support_ops_and_admin_have_the_button(cast, watched, name):
    assert f"/sessions/{watched.pk}/replay/" in signed_in(getattr(cast, name)).get(f"/sessions/{watched.pk}/").text


def test_a_session_of_another_workspace_cannot_be_replayed_nor_its_replay_stopped(cast, watched):
    assert press(signed_in(cast.eve), watched).status_code == 404
    press(signed_in(cast.sam), watched)
    replay = Replay.objects.get()
    assert signed_in(cast.eve).post(f"/replays/{replay.pk}/stop/").status_code == 404
    assert "then" not in signed_in(cast.eve).get("/replays/").text
    assert Replay.objects.get().state == "running"


def test_a_running_replay_is_stopped_from_either_workspace(cast, watched):
    browser = signed_in(cast.sam)
    for workspace in ("northlight", "northlight-replays"):
        press(browser, watched)
        replay = Replay.objects.latest("pk")
        answer = browser.post(f"/replays/{replay.pk}/stop/?workspace={workspace}")
        assert answer["Location"] == "/replays/"
        replay.refresh_from_db()
        assert replay.state == "stopped"
        browser.get("/live/?workspace=northlight")
    assert "stopped" in browser.get("/replays/").text


@pytest.mark.parametrize("speed", ["", "0", "61", "ten", "²", "-1", "1e2"])
def test_nonsense_is_refused_in_words(cast, watched, speed):
    browser = signed_in(cast.sam)
    answer = browser.post(f"/sessions/{watched.pk}/replay/", {"speed": speed}, follow=True)
    assert "A replay runs at" in answer.text
    assert not Replay.objects.exists()


def test_a_replay_that_failed_says_why(cast, watched):
    browser = signed_in(cast.sam)
    press(browser, watched)
    Replay.objects.update(state="failed", last_error="The door answered 401: no <such> key")
    answer = browser.get("/replays/progress/")
    assert "no &lt;such&gt; key" in answer.json()["list"]
    assert answer.json()["is_busy"] is False


def test_the_list_outlives_the_session(cast, watched):
    browser = signed_in(cast.sam)
    press(browser, watched)
    MediaSession.objects.all().delete()
    assert "Session gone" in browser.get("/replays/").text


def test_without_replays_the_page_says_how_to_start_one(cast):
    assert "No replay yet" in signed_in(cast.olga).get("/replays/").text
