"""After a rule changed, stored sessions follow; a dry run only says how."""

import pytest
from django.core.management import CommandError, call_command

from sessions_app.models import MediaSession, SessionSummary
from sessions_app.models.rules import _rules
from sessions_app.summaries.settle import settle_due
from sessions_app.timeline.session import State
from tests.summaries.made import DAY, MINUTE, event, now_ms, session_named, store, watched

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(cast):
    """A settled session with a custom event that becomes an error by a new rule."""
    began = now_ms() - 30 * MINUTE
    store(cast.web, *watched(began), event("Spinner", began + 5000))
    settle_due()
    cast.northlight.error_names = ["Spinner"]
    cast.northlight.save()
    return session_named()


def told(capsys, *arguments):
    call_command("refold", *arguments)
    return capsys.readouterr().out


def test_a_dry_run_says_what_would_change_and_changes_nothing(settled, capsys):
    before = MediaSession.objects.values().get()
    said = told(capsys, "--dry-run")
    assert f"session {settled.pk} s1" in said
    assert "  error_count: 0 → 1" in said
    assert "1 sessions looked at, 1 would get a new revision. Nothing was changed." in said
    assert MediaSession.objects.values().get() == before
    assert SessionSummary.objects.count() == 1


def test_folding_again_makes_a_revision_that_says_the_rules_changed(settled, capsys):
    told(capsys)
    settle_due()
    latest = SessionSummary.objects.get(is_latest=True)
    assert (latest.revision, latest.reason) == (2, "rules changed")
    assert {"field": "error_count", "before": 0, "after": 1} in latest.changes
    assert "0 would get a new revision" in told(capsys, "--dry-run")


def test_folding_again_without_a_changed_rule_changes_nothing(cast, capsys):
    store(cast.web, *watched(now_ms() - 30 * MINUTE))
    settle_due()
    version = session_named().version
    assert "1 sessions folded again, 0 look different" in told(capsys)
    settle_due()
    assert session_named().version == version
    assert SessionSummary.objects.count() == 1


def test_an_older_fold_of_a_row_is_brought_up_to_date(settled, capsys):
    MediaSession.objects.update(fold=b"", fold_version=0, state="starting", live=True)
    told(capsys, "--workspace", "northlight")
    session = session_named()
    assert (session.state, session.live) == ("ended", False)
    assert session.fold


@pytest.fixture
def lenient(settings):
    """A complete limit of three quarters."""

    def begin():
        settings.COMPLETE_LIMIT_PERCENT = 75
        _rules.cache_clear()

    yield begin
    _rules.cache_clear()


def left_at_four_fifths(began):
    return [
        event("Play", began, playhead_position=0),
        event("Update Playhead Position", began + 480_000, playhead_position=480_000),
        event("Media Session End", began + 481_000),
    ]


def test_a_changed_setting_is_reported_and_followed(cast, capsys, lenient):
    store(cast.web, *left_at_four_fifths(now_ms() - 30 * MINUTE))
    settle_due()
    lenient()
    assert "  reached_end: False → True" in told(capsys, "--dry-run")
    told(capsys)
    settle_due()
    latest = SessionSummary.objects.get(is_latest=True)
    assert (latest.revision, latest.reason) == (2, "rules changed")
    assert [change["field"] for change in latest.changes] == ["reached_end"]


def test_a_live_session_follows_a_changed_setting_with_its_next_event(cast, lenient):
    first, second, _ = left_at_four_fifths(now_ms() - 8 * MINUTE)
    store(cast.web, first, second)
    assert not State.decode(bytes(session_named().fold)).reached_end
    lenient()
    store(cast.web, event("Pause", now_ms() - 1000))
    assert State.decode(bytes(session_named().fold)).reached_end


def test_sessions_before_the_day_asked_for_are_left_alone(cast, capsys):
    store(cast.web, *watched(now_ms() - 3 * DAY), received_at_ms=now_ms() - 3 * DAY + 10 * MINUTE)
    settle_due()
    assert "0 sessions looked at" in told(capsys, "--dry-run", "--since", "2099-01-01T00:00:00Z")
    assert "1 sessions looked at" in told(capsys, "--dry-run", "--since", "2000-01-01")
    with pytest.raises(CommandError, match="give a day"):
        told(capsys, "--since", "yesterday")
