"""The export's row is the work order: claimed once, cancelled, failed with words, taken away."""

import datetime as dt
import errno

import pytest
from django.utils import timezone

from sessions_app.exports import build, estimate, schedule
from sessions_app.exports.query import wanted
from sessions_app.models import Export
from tests.exports.made import settled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.EXPORT_FOLDER = tmp_path / "exports"


@pytest.fixture
def asked(cast):
    settled(cast.web, "s-1")
    return build.ask(cast.northlight, "summaries", "csv", {}, by="olga")


def test_a_worker_that_died_is_taken_over_and_the_third_death_fails_with_words(asked):
    past = timezone.now() - dt.timedelta(minutes=1)
    Export.objects.update(status="running", lease_until=past, owner="dead", attempts=1)
    assert build.run_due() == 1
    asked.refresh_from_db()
    assert asked.status == "done"
    Export.objects.update(status="running", lease_until=past, attempts=3)
    build.run_due()
    asked.refresh_from_db()
    assert (asked.status, "Shorten the period" in asked.error) == ("failed", True)


def test_a_row_under_a_living_lease_is_left_alone(asked):
    Export.objects.update(status="running", lease_until=timezone.now() + dt.timedelta(minutes=1))
    assert build.run_due() == 0


def test_a_cancelled_export_leaves_no_file(asked, monkeypatch, settings):
    write = build.files.write

    def cancelled_meanwhile(*args):
        build.cancel(asked)
        return write(*args)

    monkeypatch.setattr(build.files, "write", cancelled_meanwhile)
    build.run_due()
    asked.refresh_from_db()
    assert asked.status == "cancelled"
    assert list(settings.EXPORT_FOLDER.iterdir()) == []
    assert build.cancel(asked) is False


def test_a_full_disk_says_what_to_do(asked, monkeypatch, settings):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(build.files, "write", full)
    build.run_due()
    asked.refresh_from_db()
    assert asked.status == "failed"
    assert "disk is full" in asked.error


def test_a_file_is_taken_away_when_its_time_is_over(asked):
    build.run_due()
    asked.refresh_from_db()
    path = build.path_of(asked)
    assert build.expire_due() == 0
    Export.objects.update(expires_at=timezone.now())
    assert build.expire_due() == 1
    assert not path.exists()


def test_the_estimate_counts_and_refuses_too_large_a_spreadsheet(cast, monkeypatch):
    for number in range(3):
        settled(cast.web, f"s-{number}")
    asked = wanted(cast.northlight.pk, "summaries", {})
    found = estimate.estimate(asked, "csv")
    assert (found["rows"], found["error"], found["blocked"]) == (3, 0.0, None)
    assert found["bytes"] > 300
    monkeypatch.setattr(estimate, "MOST_XLSX_ROWS", 2)
    with pytest.raises(build.ExportBlockedError, match="choose CSV"):
        build.ask(cast.northlight, "summaries", "xlsx", {}, by="olga")


def test_a_daily_schedule_asks_for_the_day_that_ended_where_the_workspace_is(cast):
    cast.northlight.time_zone = "Europe/Berlin"
    cast.northlight.save()
    # The night the clocks go back: that day has 25 hours.
    now = dt.datetime(2026, 10, 25, 12, tzinfo=dt.UTC)
    planned = schedule.plan(cast.northlight, "summaries", "csv", {}, name="Daily", every="daily", by="olga", now=now)
    assert planned.next_at == dt.datetime(2026, 10, 25, 23, tzinfo=dt.UTC)
    assert schedule.run_due(now) == 0
    assert schedule.run_due(planned.next_at) == 1
    export = Export.objects.get()
    assert export.options["to_ms"] - export.options["from_ms"] == 25 * 3_600_000
    planned.refresh_from_db()
    assert planned.next_at == dt.datetime(2026, 10, 26, 23, tzinfo=dt.UTC)


def test_a_schedule_whose_options_no_longer_fit_leaves_a_failed_row(cast):
    now = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)
    planned = schedule.plan(cast.northlight, "ads", "csv", {}, name="Ads", every="hourly", by="olga", now=now)
    planned.options = {"columns": ["gone"]}
    planned.save()
    assert schedule.run_due(planned.next_at) == 1
    export = Export.objects.get()
    assert (export.status, "no column" in export.error) == ("failed", True)


def test_a_file_knows_the_schedule_that_asked_for_it_also_when_it_was_refused(cast):
    now = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)
    planned = schedule.plan(cast.northlight, "ads", "csv", {}, name="Ads", every="hourly", by="olga", now=now)
    schedule.run_due(planned.next_at)
    planned.refresh_from_db()
    planned.options = {"columns": ["gone"]}
    planned.save()
    schedule.run_due(planned.next_at)
    assert [run.status for run in planned.runs.order_by("id")] == ["queued", "failed"]
