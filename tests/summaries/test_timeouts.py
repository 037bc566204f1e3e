"""Silent sessions end by themselves, dated back to the last that was heard of them."""

import pytest

from sessions_app.models import SessionSummary, SettleDue
from sessions_app.summaries.settle import settle_due
from sessions_app.summaries.timeouts import close_silent
from tests.summaries.made import DAY, MINUTE, event, now_ms, session_named, store, watched

pytestmark = pytest.mark.django_db


def left_paused(began):
    return watched(began)[:3]


def test_a_session_left_paused_ends_where_it_was_last_heard_of(cast):
    began = now_ms() - DAY
    store(cast.web, *left_paused(began), received_at_ms=began + 2 * MINUTE)
    assert session_named().live
    (change,) = close_silent()
    session = session_named()
    assert change == (cast.northlight.pk, session.pk, 2)
    assert (session.live, session.state, session.ended_reason) == (False, "ended", "timed_out_paused")
    assert session.last_at_ms == began + 61_000
    assert SettleDue.objects.get().why == "timed_out"
    settle_due()
    assert SessionSummary.objects.get().ended_at_ms == began + 61_000
    assert SessionSummary.objects.get().reason == "timed out while paused"


def test_closing_again_finds_nothing(cast):
    began = now_ms() - DAY
    store(cast.web, *left_paused(began), received_at_ms=began + 2 * MINUTE)
    close_silent()
    assert close_silent() == []


def test_a_session_just_heard_of_goes_on(cast):
    store(cast.web, *left_paused(now_ms() - 3 * MINUTE))
    assert close_silent() == []
    assert session_named().live


def test_a_later_event_takes_a_closed_session_up_again(cast):
    began = now_ms() - DAY
    store(cast.web, *left_paused(began), received_at_ms=began + 2 * MINUTE)
    close_silent()
    settle_due()
    store(cast.web, event("Play", now_ms() - 1000))
    session = session_named()
    assert session.live
    assert session.state == "playing"
    settle_due()
    assert SessionSummary.objects.count() == 1


def test_a_state_of_an_older_fold_is_folded_again(cast):
    began = now_ms() - DAY
    store(cast.web, *left_paused(began), received_at_ms=began + 2 * MINUTE)
    session = session_named()
    session.fold_version, session.fold = 0, b"unreadable"
    session.save()
    close_silent()
    assert session_named().ended_reason == "timed_out_paused"
