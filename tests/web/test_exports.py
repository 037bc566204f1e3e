"""The exports page: asking, watching, fetching."""

import datetime as dt
import html
import re

import pytest
from django.utils import timezone

from sessions_app.exports import build
from sessions_app.models import AuditEntry, Export, ExportSchedule
from tests.cast import signed_in
from tests.web.made import queries

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


def planned(cast, **columns):
    words = {"dataset": "ads", "format": "csv", "every": "daily", "created_by": "olga", "next_at": timezone.now()}
    return ExportSchedule.objects.create(workspace=cast.northlight, **(words | {"name": "Ads, daily"} | columns))


def ran(plan, status, **columns):
    words = {"dataset": plan.dataset, "format": plan.format, "requested_by": "schedule", "name": f"a {status} run"}
    at = {"requested_at": timezone.now(), "finished_at": timezone.now()}
    return Export.objects.create(workspace=plan.workspace, schedule=plan, status=status, **(words | at | columns))


def schedules_of(browser):
    return browser.get("/exports/").text.partition('id="schedules-head"')[2]


def test_a_schedule_that_never_ran_says_so(cast):
    planned(cast)
    assert "none yet" in schedules_of(signed_in(cast.olga))


@pytest.mark.parametrize(
    ("status", "columns", "words"),
    [
        ("queued", {}, "queued now"),
        ("running", {"rows_done": 4_000}, "4,000 rows so far"),
        ("failed", {"error": "The disk is full."}, "The disk is full."),
        ("cancelled", {}, "cancelled"),
        ("expired", {"rows_done": 1}, ">1 row<"),
    ],
)
def test_a_schedules_last_run_is_told(cast, status, columns, words):
    plan = planned(cast)
    ran(plan, "failed", error="An older reason.")
    ran(plan, status, **columns)
    told = schedules_of(signed_in(cast.olga))
    assert words in told
    assert "An older reason." not in told


def test_the_time_a_run_waited_is_not_the_time_it_took(cast):
    now = timezone.now()
    spent = {"requested_at": now - dt.timedelta(hours=1), "started_at": now - dt.timedelta(seconds=14)}
    ran(planned(cast), "done", rows_done=6_912, finished_at=now, expires_at=now, **spent)
    assert "6,912 rows in 14.0 s" in schedules_of(signed_in(cast.olga))


def test_more_schedules_cost_no_more_queries(cast):
    browser = signed_in(cast.olga)
    ran(planned(cast), "queued")
    before = queries(browser, "/exports/")
    for number in range(10):
        ran(planned(cast, name=f"No. {number}"), "queued")
    assert queries(browser, "/exports/") == before


def test_a_removed_schedule_leaves_its_files(cast):
    made = ran(plan := planned(cast), "failed")
    signed_in(cast.olga).post(f"/exports/schedules/{plan.pk}/", {"do": "remove"})
    made.refresh_from_db()
    assert made.schedule is None


@pytest.mark.parametrize("status", ["failed", "expired", "cancelled"])
def test_what_is_over_without_a_file_can_be_run_again(cast, status):
    browser = signed_in(cast.olga)
    browser.post("/exports/", ASKED | {"name": "November", "columns": ["content_id"]})
    first = Export.objects.get()
    Export.objects.update(status=status, requested_by="somebody else")
    assert "Run again" in browser.get("/exports/").text
    browser.post(f"/exports/{first.pk}/again/")
    second = Export.objects.latest("id")
    same = ("name", "dataset", "format", "options")
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]
    assert (second.status, second.requested_by) == ("queued", cast.olga.username)
    assert AuditEntry.objects.filter(action="export", subject=f"export {second.pk}").exists()


def test_what_cannot_be_run_again_comes_back_as_the_form_with_the_reason(cast):
    browser = signed_in(cast.olga)
    browser.post("/exports/", ASKED | {"platform": "roku"})
    Export.objects.update(status="failed", options={"columns": ["gone"], "platform": "roku"})
    answer = browser.post(f"/exports/{Export.objects.get().pk}/again/")
    assert answer.status_code == 422
    assert "no column" in answer.text
    assert 'value="roku"' in answer.text
    assert Export.objects.count() == 1


def test_a_finished_file_and_one_of_another_workspace_cannot_be_run_again(cast):
    browser = signed_in(cast.olga)
    browser.post("/exports/", ASKED)
    address = f"/exports/{Export.objects.get().pk}/again/"
    assert browser.post(address).status_code == 404
    Export.objects.update(status="failed")
    assert signed_in(cast.eve).post(address).status_code == 404
    assert signed_in(cast.vera).post(address).status_code == 403
    assert Export.objects.count() == 1


def test_the_form_says_before_any_script_what_a_script_says_again(cast):
    form = signed_in(cast.olga).get("/exports/?dataset=ads&format=xlsx&columns=content_id&columns=number").text
    assert re.search(r'id="column-count">2 of \d+<', form)
    assert 'id="format-note">at most 1,048,575 rows, one sheet<' in form
