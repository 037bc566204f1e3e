"""Workers killed at random, ticks doubled, every task told three times: counted at the other end."""

import contextlib
import random
import threading

import pytest

from mediadash.celery import app
from sessions_app.models import Delivery, MediaSession, SessionSummary, SettleDue
from tests.forwarding.made import make_delivery
from tests.forwarding.workers import let_leases_run_out, worker
from tests.stack import wait_until
from tests.summaries.made import MINUTE, now_ms, store, watched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.faults]

VIEWERS, BATCHES, SESSIONS, KILLS = 12, 20, 60, 5


def everything_is_done():
    waiting = Delivery.objects.filter(status__in=["due", "sending"])
    return not waiting.exists() and not SettleDue.objects.exists()


def tell_every_task_three_times(until):
    """Two beats tick already; this comes on top."""
    while not until.wait(0.5):
        for task in ("settle_due", "forward_due", "close_silent_sessions"):
            for _ in range(3):
                app.send_task(f"sessions_app.tasks.{task}")


def test_workers_killed_in_the_middle_and_tasks_tripled_lose_and_double_nothing(cast, sandbox, feed):
    for number in range(SESSIONS):
        store(cast.web, *watched(now_ms() - 10 * MINUTE, f"s{number}"), mpid=str(number + 1))
    ids = [f"{number}/{viewer}" for number in range(BATCHES) for viewer in range(VIEWERS)]
    for one in ids:
        make_delivery(feed, cast.web, one, lane=one.partition("/")[2])
    sandbox.answer_with({"status": 202, "delay_s": 0.05, "times": -1})
    dice, over = random.Random(13), threading.Event()
    telling = threading.Thread(target=tell_every_task_three_times, args=(over,))
    telling.start()
    try:
        for _ in range(KILLS):
            before = len(sandbox.event_ids())
            with contextlib.ExitStack() as workers:
                for beat in ("one", "two"):
                    workers.enter_context(worker("--hostname", f"{beat}@%h", beat=beat))
                enough = before + dice.randrange(5, 40)
                wait_until(lambda enough=enough: len(sandbox.event_ids()) >= enough or everything_is_done(), 90)
            let_leases_run_out()
        with worker():
            wait_until(everything_is_done, 120, "all settled and sent")
    finally:
        over.set()
        telling.join()
    assert_nothing_lost_or_doubled(sandbox.event_ids(), ids)


def assert_nothing_lost_or_doubled(arrived, ids):
    assert Delivery.objects.exclude(status="sent").count() == 0
    assert len(arrived) == len(set(arrived)) == len(ids) + SESSIONS * 5
    for viewer in range(VIEWERS):
        numbers = [int(one.partition("/")[0]) for one in arrived if one in ids and one.endswith(f"/{viewer}")]
        assert numbers == list(range(BATCHES))
    assert SessionSummary.objects.count() == MediaSession.objects.count() == SESSIONS
