"""From the outbox to mParticle, through a real sandbox."""

import datetime as dt

import pytest

from sessions_app.forwarding.forward import forward_due
from sessions_app.models import Attempt, Delivery
from sessions_app.models.clock import database_now
from tests.forwarding.made import SECRET, age, make_delivery, make_destination, make_everything_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("long_waits")]


def statuses():
    return sorted(Delivery.objects.values_list("status", flat=True))


def test_a_batch_arrives_once_with_its_viewer_and_its_events(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a", "b")
    assert forward_due() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_status) == ("sent", 1, 202)
    (batch,) = sandbox.batches
    assert batch["mpid"] == 6504934091054997508
    assert batch["source_request_id"] == delivery.source_request_id
    assert sandbox.event_ids() == ["a", "b"]
    assert forward_due() == 0


def test_only_the_events_that_were_new_are_passed_on(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "old", "new")
    Delivery.objects.filter(pk=delivery.pk).update(indexes=[1], event_count=1)
    forward_due()
    assert sandbox.event_ids() == ["new"]


def test_one_viewers_batches_go_in_order_one_at_a_time(cast, sandbox, feed):
    for number in range(6):
        make_delivery(feed, cast.web, f"{number}")
    sandbox.answer_with({"status": 500, "when": '"2"'})
    forward_due()
    assert sandbox.event_ids() == ["0", "1"]
    make_everything_due()
    forward_due()
    assert sandbox.event_ids() == ["0", "1", "2", "3", "4", "5"]


def test_other_viewers_go_on_while_one_waits(cast, sandbox, feed):
    make_delivery(feed, cast.web, "stuck", lane="viewer-1")
    make_delivery(feed, cast.web, "behind", lane="viewer-1")
    make_delivery(feed, cast.web, "free", lane="viewer-2")
    sandbox.answer_with({"status": 500, "when": "stuck"})
    forward_due()
    assert sandbox.event_ids() == ["free"]


def test_a_retry_sends_the_same_bytes_and_the_same_id(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    # The answer is lost after mParticle took the batch: it is sent again and counted once.
    sandbox.answer_with({"status": 202, "manner": "half"}, {"status": 500})
    for _ in range(3):
        forward_due()
        make_everything_due()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("sent", 3)
    ids = {tuple(request["source_request_ids"]) for request in sandbox.requests}
    assert len(ids) == 1
    assert sandbox.event_ids() == ["a"]


def test_an_acceptance_that_breaks_off_in_its_body_is_one(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 202, "manner": "accept_then_reset"})
    forward_due()
    assert statuses() == ["sent"]


def test_the_culprit_of_a_400_is_found_and_given_up_alone(cast, sandbox, feed):
    ids = [f"event-{number}" for number in range(9)]
    make_delivery(feed, cast.web, *ids)
    sandbox.answer_with({"status": 400, "when": "event-5", "times": -1, "text": "event-5 is bad"})
    forward_due()
    assert sandbox.event_ids() == [one for one in ids if one != "event-5"]
    dead = Delivery.objects.get(status="dead")
    assert (dead.indexes, dead.event_count) == ([5], 1)
    assert "event-5 is bad" in dead.last_error
    assert sum(Delivery.objects.values_list("event_count", flat=True)) == 9


def test_a_batch_split_keeps_its_place_before_those_behind_it(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a", "bad", "c")
    make_delivery(feed, cast.web, "d")
    sandbox.answer_with({"status": 400, "when": '"bad"', "times": -1})
    forward_due()
    assert sandbox.event_ids() == ["a", "c", "d"]


def test_a_batch_too_large_for_mparticle_is_split_before_it_is_sent(cast, sandbox, feed):
    ids = [str(number) for number in range(8)]
    make_delivery(feed, cast.web, *ids, padding="x" * 40_000)
    forward_due()
    assert sandbox.event_ids() == ids
    assert all(request["bytes"] <= 128_000 for request in sandbox.requests)
    assert set(statuses()) == {"sent"}


def test_a_refused_key_holds_the_destination_and_loses_nothing(cast, sandbox, feed):
    sandbox.keys = {feed.key: "another"}
    for number in range(5):
        make_delivery(feed, cast.web, f"{number}", lane=f"viewer-{number}")
    forward_due()
    feed.refresh_from_db()
    assert feed.held_reason == "refused_key"
    asked = len(sandbox.requests)
    assert forward_due() == 0
    assert len(sandbox.requests) == asked
    feed.set_credentials(feed.key, "another")
    feed.save()
    forward_due()
    assert sorted(sandbox.event_ids()) == ["0", "1", "2", "3", "4"]
    assert not Delivery.objects.filter(status="dead").exists()


@pytest.mark.parametrize("status", [429, 503])
def test_quiet_asked_for_is_kept_by_the_whole_destination(cast, sandbox, feed, status):
    before = database_now()
    make_delivery(feed, cast.web, "a", lane="viewer-1")
    sandbox.answer_with({"status": status, "headers": {"Retry-After": "120"}})
    forward_due()
    make_delivery(feed, cast.web, "b", lane="viewer-2")
    assert forward_due() == 0
    feed.refresh_from_db()
    assert feed.not_before >= before + dt.timedelta(seconds=120)


def test_an_open_circuit_lets_one_probe_through(cast, sandbox, feed):
    for number in range(20):
        make_delivery(feed, cast.web, f"{number}", lane=f"viewer-{number}")
    sandbox.answer_with({"status": 500, "times": -1})
    forward_due()
    feed.refresh_from_db()
    assert feed.circuit == "open"
    make_everything_due()
    asked = len(sandbox.requests)
    forward_due()
    assert len(sandbox.requests) == asked + 1
    make_everything_due()
    sandbox.answer_with()
    forward_due()
    assert len(sandbox.event_ids()) == 20
    feed.refresh_from_db()
    assert (feed.circuit, feed.failures_in_a_row) == ("closed", 0)


def test_a_redirect_is_not_followed(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 302, "headers": {"Location": f"{sandbox.url}/v2/events"}})
    forward_due()
    feed.refresh_from_db()
    assert feed.held_reason == "redirected"
    assert len(sandbox.requests) == 1


def test_an_endless_answer_is_cut_off(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 202, "manner": "huge"})
    forward_due()
    assert statuses() == ["sent"]
    assert len(Attempt.objects.get().answer) <= 1024


def test_no_secret_is_kept_from_an_answer_that_repeats_it(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 400, "text": f"your secret {SECRET} and key {feed.key}"})
    forward_due()
    delivery = Delivery.objects.get()
    kept = Attempt.objects.get().answer + delivery.last_error
    assert "your secret •••" in kept
    assert SECRET not in kept
    assert feed.key not in kept


def test_a_slow_destination_delays_no_other(cast, sandbox, feed, monkeypatch):
    monkeypatch.setattr("sessions_app.forwarding.client.DEADLINE_S", 1.0)
    other = make_destination(cast.northlight, sandbox.url, name="second")
    make_delivery(feed, cast.web, "slow")
    for number in range(10):
        make_delivery(other, cast.web, f"{number}")
    sandbox.answer_with({"when": "slow", "delay_s": 5, "times": -1})
    forward_due()
    assert [one for one in sandbox.event_ids() if one != "slow"] == [str(number) for number in range(10)]
    assert Delivery.objects.get(destination=feed).last_error.startswith("no whole answer")


def test_history_goes_to_the_door_for_history(cast, sandbox, feed):
    at_ms = int((database_now() - dt.timedelta(days=40)).timestamp() * 1000)
    make_delivery(feed, cast.web, "a", at_ms=at_ms)
    forward_due()
    assert sandbox.requests[0]["path"] == "/v2/bulkevents/historical"
    assert sandbox.event_ids() == ["a"]


def test_a_batch_past_its_window_is_given_up_with_the_reason(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    age(delivery, hours=73)
    sandbox.answer_with({"status": 500})
    forward_due()
    delivery.refresh_from_db()
    assert delivery.status == "dead"
    assert "72 h" in delivery.last_error


def test_a_batch_whose_bytes_are_gone_is_given_up_and_blocks_nobody(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    Delivery.objects.filter(pk=delivery.pk).update(raw_batch_id=0)
    make_delivery(feed, cast.web, "b")
    forward_due()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("dead", "the raw batch is no longer kept")
    assert sandbox.event_ids() == ["b"]


def test_an_address_no_longer_allowed_holds_the_destination(cast, sandbox, feed, settings):
    settings.FORWARDING_ALLOWED_URLS = []
    make_delivery(feed, cast.web, "a")
    forward_due()
    feed.refresh_from_db()
    assert feed.held_reason == "refused_address"
    assert not sandbox.requests


def test_a_destination_switched_off_keeps_its_rows(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    feed.is_on = False
    feed.save()
    assert forward_due() == 0
    assert statuses() == ["due"]


def test_a_sandbox_workspace_is_never_forwarded(cast, sandbox, feed):
    cast.northlight.is_sandbox = True
    cast.northlight.save()
    make_delivery(feed, cast.web, "a")
    assert forward_due() == 0
