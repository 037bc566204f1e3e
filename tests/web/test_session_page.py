"""The session page as the server draws it: found, refused, masked, with as many queries for many events as for few."""

import csv
import io
import json
import re

import pytest

from sessions_app.models import AuditEntry, MediaSession, RawBatch
from sessions_app.summaries.usual import Startups
from sessions_app.web import session_words
from tests.cast import signed_in
from tests.stack import media_event
from tests.summaries.made import store
from tests.viewers.made import session as row_of
from tests.web.made import queries

MPID = "-8572887793551346848"
STORY = ("Media Session Start", "Play", "Update QoS", "Buffer Start", "Buffer End", "Update Playhead Position")
ODD_PATHS = ["/sessions/9223372036854775808/", "/sessions/nobody", "/sessions/%00/", "/sessions/0/"]
ODD_MOMENTS = ["as_of_ms=soon", "as_of=yesterday", "known_at_ms=", "as_of_ms=99999999999999999999"]


def told(feed, media_session_id, names, title, **columns):
    """A stored session with these events, ten seconds apart."""
    content = {"content_id": "film-1", "content_title": title}
    events = [(name, at * 10_000, content) for at, name in enumerate(names)]
    return row_of(feed, media_session_id, [("mpid", MPID)], events, content_title=title, **columns)


def playing(feed, media_session_id, events=6, title="A film"):
    return told(feed, media_session_id, [*STORY, *["Update Playhead Position"] * (events - len(STORY))], title)


def ended(feed, media_session_id, title="A film"):
    return told(feed, media_session_id, [*STORY, "Media Session End"], title, live=False, state="ended")


def data_of(answer, name):
    return json.loads(re.search(rf'id="{name}" type="application/json">(.*?)</script>', answer.text, re.S)[1])


def test_the_page_carries_the_session_its_timeline_and_its_events(cast):
    session = playing(cast.web, "one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/")
    assert answer.status_code == 200
    assert data_of(answer, "session-data")["media_session_id"] == session.media_session_id
    assert data_of(answer, "timeline-data")["playback"]
    assert [event["seq"] for event in data_of(answer, "events-data")] == list(range(1, session.last_seq + 1))


def test_tables_and_figures_are_there_before_any_script(cast):
    session = ended(cast.web, "one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/")
    assert 'data-figure="content_time_ms"' in answer.text
    assert answer.text.count('role="row"') == session.last_seq + 1
    assert 'data-state="playing"' in answer.text


def test_a_link_by_media_session_id_leads_to_the_page_and_keeps_its_moment(cast):
    session = playing(cast.web, "one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.media_session_id}?t=252.000")
    assert answer["Location"] == f"/sessions/{session.pk}/?t=252.000"


def test_a_session_of_another_workspace_is_not_there(cast):
    session = playing(cast.web, "one")
    for path in (f"/sessions/{session.pk}/", f"/sessions/{session.media_session_id}"):
        assert signed_in(cast.eve).get(path).status_code == 404


@pytest.mark.parametrize("path", ODD_PATHS)
def test_a_session_that_does_not_exist_is_not_found(cast, path):
    assert signed_in(cast.vera).get(path).status_code == 404


def test_somebody_not_signed_in_is_asked_to_sign_in_and_comes_back(cast, client):
    session = playing(cast.web, "one")
    answer = client.get(f"/sessions/{session.pk}/?t=3")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


def test_more_events_need_no_more_queries(cast):
    browser = signed_in(cast.vera)
    few, many = playing(cast.web, "few"), playing(cast.web, "many", events=120)
    assert queries(browser, f"/sessions/{few.pk}/") == queries(browser, f"/sessions/{many.pk}/")


def test_no_whole_mpid_is_on_the_page(cast):
    session = playing(cast.web, "one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/")
    assert MPID not in answer.text
    assert data_of(answer, "session-data")["mpid_masked"] == MPID[-4:]


def test_a_look_back_shows_the_session_as_it_was_and_stands_still(cast):
    session = ended(cast.web, "one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/?as_of_ms={session.started_at_ms + 1}")
    assert "Looking back" in answer.text
    assert data_of(answer, "page-data")["is_now"] is False
    assert data_of(answer, "session-data")["event_count"] < session.last_seq


def test_a_look_back_from_after_the_end_into_the_middle_says_nothing_of_the_end(cast):
    session = ended(cast.web, "one")
    look = f"?as_of_ms={session.started_at_ms + 25_000}"
    answer = signed_in(cast.olga).get(f"/sessions/{session.pk}/{look}")
    told = signed_in(cast.olga).get(f"/sessions/{session.pk}/session.json{look}").json()["session"]
    for shown in (data_of(answer, "session-data"), told):
        assert (shown["live"], shown["ended_at_ms"], shown["ended_reason"]) == (True, None, None)
        assert shown["state"] == data_of(answer, "timeline-data")["state"] != "ended"
        assert shown["last_at_ms"] == data_of(answer, "timeline-data")["last_at_ms"]


def test_a_look_back_before_everything_is_said_not_an_error(cast):
    session = ended(cast.web, "one")
    assert signed_in(cast.vera).get(f"/sessions/{session.pk}/?as_of_ms=1").status_code == 404


@pytest.mark.parametrize("nonsense", ODD_MOMENTS)
def test_a_moment_that_is_none_shows_the_present(cast, nonsense):
    session = playing(cast.web, "one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/?{nonsense}")
    assert data_of(answer, "page-data")["is_now"] is True


def test_markup_in_a_title_stays_text(cast):
    session = playing(cast.web, "one", title="<script>alert(1)</script>")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/")
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize("name", ["session.json", "events.csv", "summary.csv"])
def test_ops_may_take_a_session_away_and_that_is_audited(cast, name):
    session = ended(cast.web, "one")
    answer = signed_in(cast.olga).get(f"/sessions/{session.pk}/{name}")
    assert answer.status_code == 200
    assert name in answer["Content-Disposition"]
    entry = AuditEntry.objects.get(action="session_exported")
    assert (entry.subject, entry.fields) == (str(session.pk), [name])
    assert signed_in(cast.vera).get(f"/sessions/{session.pk}/{name}").status_code == 403


def test_the_csv_has_a_row_for_each_event_and_no_formula(cast):
    session = ended(cast.web, "one", title="=1+1")
    answer = signed_in(cast.olga).get(f"/sessions/{session.pk}/events.csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert len(rows) == session.last_seq
    assert all(not value.startswith("=") for row in rows for value in row.values())


def test_the_startup_time_stands_beside_what_is_usual(cast, monkeypatch):
    usual = Startups("web", 40, 1100, 1600, 3400)
    monkeypatch.setattr("sessions_app.web.sessions.usual_startups", lambda *_: usual)
    assert session_words.startup({"startup_time_ms": 1800}, usual).hint == "Web: p50 1.1 · p95 3.4 s"
    assert session_words.startup({"startup_time_ms": None}, usual).hint == "not measured"
    answer = signed_in(cast.vera).get(f"/sessions/{playing(cast.web, 'one').pk}/")
    assert data_of(answer, "page-data")["usual_startups"]["platform"]["p95_ms"] == 3400


@pytest.mark.parametrize(
    ("device_info", "offset_ms"),
    [
        ({"timezone_offset": -5}, -18_000_000),
        ({"timezone_offset": "5.5"}, 19_800_000),
        ({"timezone_offset": 1500}, None),
        ({"timezone_offset": "soon"}, None),
        (None, None),
    ],
)
def test_the_devices_zone_is_that_of_the_first_batch(cast, device_info, offset_ms):
    event = media_event("one", "Play")
    store(cast.web, event, device_info=device_info)
    session = MediaSession.objects.get(media_session_id="one")
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/")
    assert data_of(answer, "page-data")["device_offset_ms"] == offset_ms
    RawBatch.objects.all().delete()
    answer = signed_in(cast.vera).get(f"/sessions/{session.pk}/")
    assert data_of(answer, "page-data")["device_offset_ms"] is None


def test_who_looks_back_takes_away_what_they_see(cast):
    session = ended(cast.web, "one")
    browser = signed_in(cast.olga)
    look = f"?as_of_ms={session.started_at_ms + 25_000}"
    assert f"events.csv{look}" in browser.get(f"/sessions/{session.pk}/{look}").text
    answer = browser.get(f"/sessions/{session.pk}/events.csv{look}")
    assert len(list(csv.DictReader(io.StringIO(answer.getvalue().decode())))) == 3
    assert browser.get(f"/sessions/{session.pk}/events.csv?as_of_ms=5").status_code == 404
