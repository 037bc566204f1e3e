"""Leases, order and what people may do."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from sessions_app.forwarding import letters, outbox
from sessions_app.forwarding.forward import forward_due
from sessions_app.forwarding.outcome import Outcome, write_down
from sessions_app.forwarding.overview import oldest_waiting_s, standings
from sessions_app.forwarding.retry import Answer
from sessions_app.models import Delivery, Destination
from sessions_app.models.clock import database_now
from tests.forwarding.made import make_delivery, make_destination

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("long_waits")]


def leased(feed, owner="worker-1"):
    outbox.lease_destinations(owner)
    return owner


def lose_leases():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sessions_app_delivery SET lease_until = now() - interval '1 s' WHERE status = 'sending'")
        cursor.execute("UPDATE sessions_app_destination SET forwarder_until = now() - interval '1 s'")


def test_only_the_head_of_each_lane_is_claimed(cast, feed):
    first = make_delivery(feed, cast.web, "a", lane="viewer-1")
    make_delivery(feed, cast.web, "b", lane="viewer-1")
    other = make_delivery(feed, cast.web, "c", lane="viewer-2")
    owner = leased(feed)
    assert [row.pk for row in outbox.claim(feed.pk, owner, 0)] == [first.pk, other.pk]
    assert outbox.claim(feed.pk, owner, 2) == []


PLANS = ("", "enable_hashjoin enable_mergejoin enable_hashagg enable_sort enable_material enable_memoize")


@pytest.mark.parametrize("switched_off", PLANS, ids=["as it likes", "row by row"])
def test_no_more_is_claimed_than_there_is_room_for_however_postgres_plans_it(cast, feed, switched_off):
    for number in range(12):
        make_delivery(feed, cast.web, f"{number}", lane=f"viewer-{number}")
    owner = leased(feed)
    with connection.cursor() as cursor:
        for name in switched_off.split():
            cursor.execute(f"SET LOCAL {name} = off")
    assert len(outbox.claim(feed.pk, owner, 0)) == feed.concurrency
    assert outbox.claim(feed.pk, owner, feed.concurrency) == []


def test_a_destination_is_forwarded_to_by_one_worker_at_a_time(cast, feed):
    make_delivery(feed, cast.web, "a")
    leased(feed, "worker-1")
    assert outbox.lease_destinations("worker-2") == []
    assert outbox.claim(feed.pk, "worker-2", 0) == []


def test_while_one_worker_forwards_the_others_are_free_for_other_work(cast, sandbox, feed):
    other = make_destination(cast.northlight, sandbox.url, name="second")
    make_delivery(feed, cast.web, "a")
    leased(feed, "worker-1")
    make_delivery(other, cast.web, "b")
    assert forward_due() == 0
    assert [found.pk for found in outbox.lease_destinations("worker-1")] == [other.pk]


def test_the_table_itself_refuses_a_second_batch_in_flight_for_one_viewer(cast, feed):
    make_delivery(feed, cast.web, "a")
    make_delivery(feed, cast.web, "b")
    with pytest.raises(IntegrityError, match="one_in_flight_per_lane"), transaction.atomic():
        Delivery.objects.update(status="sending")


def test_what_a_dead_worker_had_in_hand_is_sent_by_another(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    outbox.claim(feed.pk, leased(feed), 0)
    assert forward_due() == 0
    lose_leases()
    assert forward_due() == 1
    assert sandbox.event_ids() == ["a"]


def test_a_batch_that_kills_workers_ends_among_the_given_up(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    behind = make_delivery(feed, cast.web, "b")
    for number in range(outbox.CRASHES_THAT_END):
        outbox.claim(feed.pk, leased(feed, f"worker-{number}"), 0)
        lose_leases()
        outbox.release_expired()
    delivery.refresh_from_db()
    assert delivery.status == "dead"
    assert "the worker died 8 times" in delivery.last_error
    forward_due()
    behind.refresh_from_db()
    assert behind.status == "sent"


def test_a_worker_that_lost_its_lease_changes_nothing(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    outbox.claim(feed.pk, leased(feed, "slow"), 0)
    Delivery.objects.update(owner="quick")
    write_down(feed.pk, "slow", [Outcome(delivery.pk, Answer(400))])
    delivery.refresh_from_db()
    assert (delivery.status, delivery.owner) == ("sending", "quick")
    assert delivery.attempt_rows.get().status == 400


def test_a_batch_erased_while_it_is_under_way_troubles_nobody(cast, sandbox, feed):
    gone, stays = (make_delivery(feed, cast.web, one, lane=one) for one in ("a", "b"))
    outbox.claim(feed.pk, leased(feed), 0)
    gone.delete()
    write_down(feed.pk, "worker-1", [Outcome(one, Answer(202)) for one in (stays.pk, stays.pk - 1)])
    stays.refresh_from_db()
    assert stays.status == "sent"


def test_the_frozen_bytes_outlive_a_change_of_their_source(cast, sandbox, feed):
    from sessions_app.models import RawBatch

    make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 500})
    forward_due()
    RawBatch.objects.all().delete()
    Delivery.objects.update(next_attempt_at=database_now())
    forward_due()
    assert sandbox.event_ids() == ["a"]


def test_given_up_batches_can_be_tried_again_byte_for_byte(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 400})
    forward_due()
    assert letters.retry(feed) == 1
    forward_due()
    delivery.refresh_from_db()
    assert delivery.status == "sent"
    one, two = (request["source_request_ids"] for request in sandbox.requests)
    assert one == two


def test_given_up_batches_can_be_let_go(cast, sandbox, feed):
    delivery = make_delivery(feed, cast.web, "a")
    sandbox.answer_with({"status": 400})
    forward_due()
    assert letters.discard(feed, [delivery.pk]) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.body) == ("dropped", None)


def test_a_paused_destination_waits_for_people(cast, sandbox, feed):
    make_delivery(feed, cast.web, "a")
    letters.pause(feed)
    assert forward_due() == 0
    letters.resume(feed)
    assert forward_due() == 1


def test_the_overview_says_what_waits_and_what_was_given_up(cast, sandbox, feed):
    for number in range(3):
        make_delivery(feed, cast.web, f"{number}", lane=f"viewer-{number}")
    sandbox.answer_with({"status": 400, "when": '"1"'}, {"status": 500, "when": '"2"'})
    forward_due()
    (standing,) = standings(cast.northlight)
    assert (standing.due, standing.sending, standing.dead, standing.sent_last_hour) == (1, 0, 1, 1)
    assert not standing.is_stuck


def test_a_row_nobody_picks_up_raises_the_alarm(cast, feed):
    make_delivery(feed, cast.web, "a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sessions_app_delivery SET next_attempt_at = now() - interval '90 s'")
    assert standings(cast.northlight)[0].is_stuck
    assert oldest_waiting_s() >= 90
    letters.pause(feed)
    feed.refresh_from_db()
    assert not standings(cast.northlight)[0].is_stuck
    assert oldest_waiting_s() == 0


def test_a_secret_is_never_kept_readable(feed):
    assert b"a-secret-nobody-logs" not in bytes(Destination.objects.get().secret_encrypted)
    assert feed.secret() == "a-secret-nobody-logs"


def test_the_same_events_keep_their_request_id_in_a_new_database():
    from sessions_app.forwarding.frozen import made_id

    key = uuid.UUID(int=7)
    assert made_id("k", key, [0, 1]) == made_id("k", key.hex, [0, 1])
    assert len({made_id("k", key, [0, 1]), made_id("k", key, [0]), made_id("l", key, [0, 1])}) == 3
