"""A real worker and a real beat do it by themselves, and go on after a kill."""

import pytest

from sessions_app.models import Delivery, SessionSummary
from tests.forwarding.made import make_delivery
from tests.forwarding.workers import let_leases_run_out, worker
from tests.stack import wait_until
from tests.summaries.made import MINUTE, now_ms, store, watched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_what_is_stored_is_settled_and_forwarded_without_anybody_asking(cast, sandbox, feed):
    store(cast.web, *watched(now_ms() - 10 * MINUTE))
    with worker():
        wait_until(SessionSummary.objects.exists, 60, "a settled session")
        wait_until(lambda: not Delivery.objects.exclude(status="sent").exists(), 60, "the batch sent")
    assert len(sandbox.event_ids()) == 5


def test_after_kills_every_event_arrived_once_and_in_order(cast, sandbox, feed):
    for number in range(30):
        make_delivery(feed, cast.web, f"{number}", lane=f"viewer-{number % 3}")
    sandbox.answer_with({"delay_s": 0.05, "times": -1})
    for enough in (5, 12):
        with worker():
            wait_until(lambda enough=enough: len(sandbox.event_ids()) >= enough, 60, "some events")
        let_leases_run_out()
    with worker():
        wait_until(lambda: not Delivery.objects.exclude(status="sent").exists(), 60, "all sent")
    arrived = sandbox.event_ids()
    assert sorted(arrived, key=int) == [str(number) for number in range(30)]
    for viewer in range(3):
        of_viewer = [int(one) for one in arrived if int(one) % 3 == viewer]
        assert of_viewer == sorted(of_viewer)
