"""Destinations that are down, busy, slow or mad, with the waits there really are; only the clock is helped along."""

import datetime as dt
import gzip
import random
import threading
from email.utils import format_datetime

import pytest

from sessions_app.forwarding import outbox
from sessions_app.forwarding.forward import forward_due
from sessions_app.models import Attempt, Delivery
from sessions_app.models.clock import database_now
from tests.forwarding.made import make_delivery, make_destination, pass_time
from tests.proxy import Proxy
from tests.stack import wait_until

pytestmark = pytest.mark.django_db
HOUR_S = 3600


@pytest.fixture(autouse=True)
def _dice(monkeypatch):
    """The same chances every time."""
    monkeypatch.setattr("sessions_app.forwarding.outcome.random", random.Random(20))


def backlog(feed, source, viewers, batches):
    """Batches numbered in the order each viewer's were stored; returns their event ids."""
    ids = [f"{viewer}/{number}" for number in range(batches) for viewer in range(viewers)]
    for one in ids:
        make_delivery(feed, source, one, lane=one.partition("/")[0])
    return ids


def deliver_everything(step_s=60):
    """Until nothing waits any more; the clock goes on between the runs."""
    for _ in range(60):
        forward_due()
        if not Delivery.objects.filter(status__in=["due", "sending"]).exists():
            return
        pass_time(seconds=step_s)
    raise AssertionError("something is still not delivered")


def assert_each_once_and_in_order(arrived, ids):
    assert sorted(arrived) == sorted(ids)
    for viewer in {one.partition("/")[0] for one in ids}:
        numbers = [int(one.partition("/")[2]) for one in arrived if one.partition("/")[0] == viewer]
        assert numbers == sorted(numbers)


def test_a_destination_down_for_six_hours_is_probed_and_then_gets_everything_in_order(cast, sandbox, feed):
    ids = backlog(feed, cast.web, viewers=30, batches=2)
    sandbox.answer_with({"status": 500, "times": -1})
    forward_due()
    # Ten failures, and what was under way when the tenth came.
    assert 10 <= len(sandbox.requests) <= 13
    probes = []
    for step_s in [31] * 6 + [1800] * 12:
        pass_time(seconds=step_s)
        probes.append(forward_due())
    assert set(probes) <= {0, 1}
    assert sum(probes) >= 12
    # Within thirty seconds of a probe there is none.
    pass_time(seconds=600)
    assert forward_due() == 1
    pass_time(seconds=25)
    assert forward_due() == 0
    sandbox.answer_with()
    deliver_everything()
    assert_each_once_and_in_order(sandbox.event_ids(), ids)
    feed.refresh_from_db()
    assert (feed.circuit, feed.failures_in_a_row) == ("closed", 0)


def date_in(seconds):
    return format_datetime(database_now() + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "asked_s"),
    [("0", 0), ("5", 5), ("99999", HOUR_S), ("a date", 120), ("soon", 0), (None, 0)],
)
def test_nothing_is_sent_before_the_time_asked_for(cast, sandbox, feed, status, header, asked_s):
    ids = backlog(feed, cast.web, viewers=12, batches=1)
    header = date_in(asked_s) if header == "a date" else header
    busy = {"status": status, "headers": {"Retry-After": header} if header else {}, "times": -1}
    sandbox.answer_with(busy)
    forward_due()
    # What was under way with the first; never the whole backlog.
    assert len(sandbox.requests) <= 4
    sandbox.answer_with()
    if asked_s:
        pass_time(seconds=asked_s - 3)
        assert forward_due() == 0
    deliver_everything(step_s=asked_s * 0.1 + 10)
    assert_each_once_and_in_order(sandbox.event_ids(), ids)


def test_when_three_in_ten_answers_ask_for_quiet_everything_arrives_all_the_same(cast, sandbox, feed):
    ids = backlog(feed, cast.web, viewers=8, batches=4)
    for number in range(10):
        sandbox.answer_with({"status": (429, 503)[number % 2], "headers": {"Retry-After": "5"}})
        before, quiet_from = len(sandbox.requests), database_now()
        forward_due()
        feed.refresh_from_db()
        if feed.not_before and feed.not_before > quiet_from:
            assert feed.not_before >= quiet_from + dt.timedelta(seconds=5)
            assert len(sandbox.requests) <= before + 36
        pass_time(seconds=7)
    deliver_everything()
    assert_each_once_and_in_order(sandbox.event_ids(), ids)


@pytest.mark.parametrize("manner", ["reset", "half", "accept_then_reset"])
def test_an_answer_that_breaks_off_loses_and_doubles_nothing(cast, sandbox, feed, manner):
    ids = backlog(feed, cast.web, viewers=3, batches=3)
    sandbox.answer_with({"status": 202, "manner": manner, "times": 5})
    deliver_everything()
    assert_each_once_and_in_order(sandbox.event_ids(), ids)
    assert len(sandbox.requests) == (9 if manner == "accept_then_reset" else 14)


def test_a_line_cut_while_answers_are_awaited_loses_and_doubles_nothing(cast, sandbox, settings):
    proxy = Proxy(int(sandbox.url.rpartition(":")[2]))
    settings.FORWARDING_ALLOWED_URLS = [proxy.url]
    feed = make_destination(cast.northlight, proxy.url)
    ids = backlog(feed, cast.web, viewers=4, batches=3)
    # Taken and kept, but the answer waits until the line is cut.
    sandbox.answer_with({"status": 202, "delay_s": 30, "times": 4})
    cutting = threading.Thread(target=lambda: [wait_until(lambda: len(sandbox.requests) >= 4), proxy.cut()])
    cutting.start()
    forward_due()
    cutting.join()
    assert proxy.cuts == 1
    deliver_everything()
    proxy.close()
    assert_each_once_and_in_order(sandbox.event_ids(), ids)
    assert len(sandbox.requests) >= 16


MAD = {
    "drips": {"manner": "slow"},
    "endless": {"manner": "huge"},
    "redirects": {"status": 307, "headers": {"Location": "http://127.0.0.1:1/v2/events"}},
    "bomb": {"headers": {"Content-Encoding": "gzip"}, "text": gzip.compress(b"x" * 10_000_000).decode("latin-1")},
    "silent": {"delay_s": 60},
}


def test_destinations_gone_mad_delay_no_other_not_even_what_becomes_due_meanwhile(cast, sandbox, feed, monkeypatch):
    monkeypatch.setattr("sessions_app.forwarding.client.DEADLINE_S", 3.0)
    for name in MAD:
        make_delivery(make_destination(cast.northlight, sandbox.url, name=name), cast.web, name)
    sandbox.answer_with(*({"status": 202, "when": f'"{name}"', "times": -1, **rule} for name, rule in MAD.items()))
    ids, lease = [], outbox.lease_destinations

    def lease_later(owner, besides=()):
        if sandbox.requests and not ids:
            ids.extend(backlog(feed, cast.web, viewers=3, batches=5))
        return lease(owner, besides)

    monkeypatch.setattr(outbox, "lease_destinations", lease_later)
    forward_due(run_s=0.1)
    assert_each_once_and_in_order([one for one in sandbox.event_ids() if one in ids], ids)
    attempts = Attempt.objects.select_related("delivery")
    answered_at = max(one.at for one in attempts.filter(delivery__destination=feed))
    gave_up_at = [one.at + dt.timedelta(milliseconds=one.took_ms) for one in attempts.filter(status=None)]
    # The quick one was done with while two of the others were still waited for.
    assert len([at for at in gave_up_at if at > answered_at]) == 2
