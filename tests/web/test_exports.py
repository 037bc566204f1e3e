"""The exports page: asking, watching, fetching."""

import html
import re

import pytest

from sessions_app.exports import build
from sessions_app.models import AuditEntry, Export, ExportSchedule
from tests.cast import signed_in

ASKED = {"dataset": "summaries", "format": "csv", "from": "2026-11-01", "to": "2026-11-30", "do": "export"}


def test_asking_queues_a_file_and_records_it(cast):
    answer = signed_in(cast.olga).post("/exports/", ASKED | {"name": "November"})
    assert answer["Location"] == "/exports/"
    export = Export.objects.get()
    assert (export.name, export.status, export.requested_by) == ("November", "queued", cast.olga.username)
    assert AuditEntry.objects.get().action == "export"


def test_the_file_can_be_fetched_when_it_is_made(cast, tmp_path, settings):
    settings.EXPORT_FOLDER = tmp_path
    browser = signed_in(cast.olga)
    browser.post("/exports/", ASKED)
    build.run_due()
    export = Export.objects.get()
    assert "Download" in browser.get("/exports/").text
    answer = browser.get(f"/exports/{export.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"media_session_id" in b"".join(answer.streaming_content)
    assert AuditEntry.objects.filter(action="download").count() == 1


def test_another_workspaces_file_is_not_there(cast, tmp_path, settings):
    settings.EXPORT_FOLDER = tmp_path
    signed_in(cast.olga).post("/exports/", ASKED)
    build.run_due()
    assert signed_in(cast.eve).get(f"/exports/{Export.objects.get().pk}/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"dataset": "people"}, "Choose one of"),
        ({"format": "exe"}, "Choose one of"),
        ({"from": "yesterday"}, "YYYY-MM-DD"),
        ({"from": "2026-11-30", "to": "2026-11-01"}, "end after it begins"),
        ({"columns": "mpid"}, "no column"),
        ({"input_id": "x"}, "whole number"),
    ],
)
def test_what_cannot_be_made_is_said_in_words(cast, wrong, words):
    browser = signed_in(cast.olga)
    answer = browser.post("/exports/", ASKED | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    estimate = browser.get("/exports/estimate/", ASKED | wrong).json()
    assert words in (estimate.get("blocked") or estimate["error"])


def test_the_estimate_says_rows_size_and_time(cast):
    answer = signed_in(cast.olga).get("/exports/estimate/", ASKED).json()
    assert answer["words"]["rows"] == "0"
    assert answer["blocked"] is None


def test_a_queued_file_can_be_cancelled(cast):
    browser = signed_in(cast.olga)
    browser.post("/exports/", ASKED)
    assert browser.get("/exports/progress/").json()["is_busy"]
    browser.post(f"/exports/{Export.objects.get().pk}/cancel/")
    assert Export.objects.get().status == "cancelled"
    assert not browser.get("/exports/progress/").json()["is_busy"]


def test_a_schedule_can_be_set_paused_and_removed(cast):
    browser = signed_in(cast.olga)
    browser.post("/exports/", ASKED | {"do": "schedule", "every": "daily", "name": "Daily"})
    planned = ExportSchedule.objects.get()
    browser.post(f"/exports/schedules/{planned.pk}/", {"do": "pause"})
    assert "paused" in browser.get("/exports/").text
    browser.post(f"/exports/schedules/{planned.pk}/", {"do": "resume"})
    planned.refresh_from_db()
    assert planned.is_on
    browser.post(f"/exports/schedules/{planned.pk}/", {"do": "remove"})
    assert not ExportSchedule.objects.exists()


def test_the_last_export_fills_the_form_again(cast):
    browser = signed_in(cast.olga)
    browser.post(
        "/exports/", ASKED | {"dataset": "ads", "format": "jsonl", "platform": "roku", "columns": ["content_id"]}
    )
    address = re.search(r'href="([^"]*)">.{0,200}Repeat last', browser.get("/exports/").text, re.S)[1]
    form = browser.get(html.unescape(address)).text
    assert set(re.findall(r'value="(\w+)"[^>]* checked><span>', form)) == {"ads", "jsonl"}
    assert {"2026-11-01", "2026-11-30", "roku"} <= set(re.findall(r' value="([^"]+)"', form))
    assert re.findall(r'name="columns" value="(\w+)" checked', form) == ["content_id"]


def test_asking_needs_the_role(cast):
    assert signed_in(cast.vera).post("/exports/", ASKED).status_code == 403
    assert not Export.objects.exists()
