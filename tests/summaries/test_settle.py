"""Settling: once, by whoever has the lease, a revision for every change and none without."""

import json
import threading

import pytest
from django.db import connection

from sessions_app.models import AdSummary, Delivery, MediaSession, SegmentSummary, SessionSummary, SettleDue
from sessions_app.summaries import due, settle
from sessions_app.summaries.settle import settle_due
from tests.forwarding.made import make_destination, sandbox_for
from tests.summaries.made import DAY, MINUTE, event, now_ms, session_named, store, watched

pytestmark = pytest.mark.django_db


def start():
    return now_ms() - 60 * MINUTE


def latest(name="s1"):
    return SessionSummary.objects.get(session=session_named(name), is_latest=True)


def with_an_ad_and_a_segment(start_ms):
    first, *rest = watched(start_ms)
    return [
        first,
        event("Segment Start", start_ms + 500, segment_title="Chapter 1", segment_index=1),
        event("Ad Start", start_ms + 600, ad_content_id="ad-1", ad_content_title="Shoes"),
        event("Ad End", start_ms + 900, ad_content_id="ad-1"),
        *rest,
    ]


def test_an_ended_session_gets_its_first_revision(cast):
    began = start()
    store(cast.web, *with_an_ad_and_a_segment(began))
    assert settle_due() == 1
    summary = latest()
    assert (summary.revision, summary.reason, summary.ended_reason) == (1, "ended", "session_end")
    assert summary.started_at_ms == began
    assert summary.ended_at_ms == began + 131_000
    assert summary.values["content_time_ms"] == 120_000
    assert summary.values["pause_count"] == 1
    assert summary.changes == []
    assert AdSummary.objects.get().values["ad_content_id"] == "ad-1"
    assert SegmentSummary.objects.get().values["segment_title"] == "Chapter 1"
    assert not SettleDue.objects.exists()
    session = session_named()
    assert session.settled_version == session.version


def test_a_session_that_goes_on_is_not_settled(cast):
    store(cast.web, *watched(now_ms() - MINUTE)[:2])
    due.put([session_named().pk], "ended")
    settle_due()
    assert not SessionSummary.objects.exists()
    assert not SettleDue.objects.exists()


def test_settling_again_without_a_change_makes_no_revision(cast):
    store(cast.web, *watched(start()))
    settle_due()
    before = latest()
    for _ in range(3):
        due.put([session_named().pk], "refold")
        settle_due()
    assert latest().pk == before.pk
    assert SessionSummary.objects.count() == 1


def test_the_same_batch_again_changes_nothing(cast):
    told = watched(start())
    store(cast.web, *told)
    settle_due()
    store(cast.web, *told)
    settle_due()
    assert latest().revision == 1


def test_a_batch_a_week_late_makes_a_second_revision_that_says_what_changed_and_why(cast):
    began = now_ms() - 8 * DAY
    on_time, late = watched(began)[:2] + watched(began)[-1:], watched(began)[2:4]
    store(cast.web, *on_time, received_at_ms=began + 3 * MINUTE)
    settle_due()
    before = latest().values["content_time_ms"]
    store(cast.web, *late, received_at_ms=now_ms() + 1000)
    settle_due()
    summary = latest()
    assert (summary.revision, summary.reason) == (2, "2 events arrived up to 7 days late")
    changed = {change["field"]: (change["before"], change["after"]) for change in summary.changes}
    assert changed["content_time_ms"] == (before, before - 10_000)
    assert changed["pause_count"] == (0, 1)
    assert SessionSummary.objects.filter(is_latest=False).get().values["content_time_ms"] == before


def test_what_arrives_while_a_session_is_being_settled_settles_it_again(cast, monkeypatch):
    began = start()
    told = watched(began)
    store(cast.web, *told[:2], told[-1])
    whole = settle.locked_versions

    def meanwhile(works):
        monkeypatch.setattr(settle, "locked_versions", whole)
        store(cast.web, *told[2:4])
        return whole(works)

    monkeypatch.setattr(settle, "locked_versions", meanwhile)
    settle_due()
    assert latest().revision == 1
    assert latest().values["pause_count"] == 1


def test_a_worker_that_lost_its_lease_writes_nothing(cast):
    store(cast.web, *watched(start()))
    claimed = due.claim("slow", 10)
    SettleDue.objects.update(owner="quick")
    settle.settle("slow", claimed)
    assert not SessionSummary.objects.exists()
    assert SettleDue.objects.get().owner == "quick"


def test_a_lease_that_ran_out_is_taken_by_another(cast):
    store(cast.web, *watched(start()))
    due.claim("dead", 10)
    assert settle_due() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sessions_app_settledue SET lease_until = now() - interval '1 s'")
    assert settle_due() == 1
    assert latest().revision == 1


def test_a_session_that_cannot_be_settled_stops_nobody_and_is_listed_with_its_reason(cast, monkeypatch):
    for name in ("s1", "poison", "s3"):
        store(cast.web, *watched(start(), name))
    poison = session_named("poison").pk
    whole = settle.Work

    def work(session, timeline):
        if session.pk == poison:
            raise ValueError("of no use")
        return whole(session, timeline)

    monkeypatch.setattr(settle, "Work", work)
    for _ in range(2 * due.TRIES):
        settle_due()
    assert set(SessionSummary.objects.values_list("session__media_session_id", flat=True)) == {"s1", "s3"}
    row = SettleDue.objects.get()
    assert (row.session_id, row.attempts, row.last_error) == (poison, due.TRIES, "ValueError: of no use")
    monkeypatch.setattr(settle, "Work", whole)
    due.put([poison], "refold")
    settle_due()
    assert latest("poison").revision == 1


def test_a_session_the_database_refuses_fails_alone(cast, monkeypatch):
    for name in ("s1", "poison", "s3"):
        store(cast.web, *watched(start(), name))
    poison = session_named("poison").pk
    whole = settle.revision_of

    def refused(work, now):
        made = whole(work, now)
        if work.session.pk == poison:
            made.reason = "a NUL \x00 no table takes"
        return made

    monkeypatch.setattr(settle, "revision_of", refused)
    for _ in range(2 * due.TRIES):
        settle_due()
    assert set(SessionSummary.objects.values_list("session__media_session_id", flat=True)) == {"s1", "s3"}
    assert SettleDue.objects.get().session_id == poison


def test_a_session_that_is_gone_is_crossed_off(cast):
    due.put([4711], "ended")
    settle_due()
    assert not SettleDue.objects.exists()


def test_the_computed_summary_is_passed_on_when_a_destination_asks_for_it(cast, settings):
    from sessions_app.forwarding.forward import forward_due

    with sandbox_for(settings) as sandbox:
        make_destination(cast.northlight, sandbox.url, name="without")
        asks = make_destination(cast.northlight, sandbox.url, name="with", send_computed_summary=True)
        store(cast.web, *watched(start()))
        settle_due()
        summary_row = Delivery.objects.get(summary_id__isnull=False)
        assert summary_row.destination == asks
        forward_due()
        (batch,) = [one for one in sandbox.batches if len(one["events"]) == 1]
        data = batch["events"][0]["data"]
        assert batch["mpid"] == 6504934091054997508
        assert data["event_name"] == "Media Session Summary"
        assert data["custom_attributes"]["media_session_id"] == "s1"
        assert data["custom_attributes"]["media_content_time_spent"] == latest().values["media_content_time_spent_ms"]
        # Made again, it is the same: mParticle drops it.
        Delivery.objects.filter(pk=summary_row.pk).update(status="due", body=None, source_request_id="")
        before = len(sandbox.batches)
        forward_due()
        assert len(sandbox.batches) == before


def test_the_computed_summary_counts_ad_time_as_the_sdks_do(cast):
    from sessions_app.forwarding.outward import body_of

    began = start()
    stalled = [
        event("Ad Start", began + 20_000, ad_content_id="ad-1"),
        event("Buffer Start", began + 25_000),
        event("Buffer End", began + 27_000),
        event("Ad End", began + 30_000),
        event("Ad Start", began + 30_000, ad_content_id="ad-2"),
    ]
    store(cast.web, *watched(began), *stalled)
    settle_due()
    request_id, body = body_of(latest().pk)
    (sent,) = json.loads(body)["events"]
    attributes = sent["data"]["custom_attributes"]
    # The stall counts, the ad that was left does not.
    assert attributes["media_total_ad_time_spent"] == 10_000
    assert json.loads(attributes["media_session_ad_objects"]) == ["ad-1", "ad-2"]
    assert body_of(latest().pk) == (request_id, body)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_sessions_and_settle_each_once(cast):
    for number in range(12):
        store(cast.web, *watched(start(), f"s{number}"))

    def work():
        settle_due(at_once=2)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(SessionSummary.objects.values_list("revision", flat=True)) == [1] * 12
    assert not SettleDue.objects.exists()
    assert not MediaSession.objects.exclude(settled_version=1).exists()


def test_a_session_whose_events_are_gone_keeps_what_was_settled(cast):
    store(cast.web, *watched(start()))
    settle_due()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sessions_app_mediaevent")
    due.put([session_named().pk], "refold")
    settle_due()
    assert latest().revision == 1
    assert not SettleDue.objects.exists()


def test_a_list_nobody_works_off_raises_the_alarm(cast):
    assert due.oldest_waiting_s() == 0
    store(cast.web, *watched(start()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sessions_app_settledue SET due_at = now() - interval '90 s'")
    assert due.oldest_waiting_s() >= 90
