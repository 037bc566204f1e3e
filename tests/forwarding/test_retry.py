"""What each answer means. Each row is one promise."""

import datetime as dt

import pytest

from sessions_app.forwarding.retry import (
    Action,
    Answer,
    Breaker,
    Health,
    Moment,
    Work,
    after,
    backoff_s,
    decide,
    retry_after_s,
)

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
WINDOW = dt.timedelta(hours=72)


def moment(dice=0.5):
    return Moment(NOW, dice, WINDOW)


def work(attempts=1, events=1, age=dt.timedelta()):
    return Work(attempts, events, NOW - age)


@pytest.mark.parametrize(
    ("status", "events", "attempts", "action", "health"),
    [
        (202, 9, 1, Action.SENT, Health.WELL),
        (200, 9, 1, Action.SENT, Health.WELL),
        (204, 9, 7, Action.SENT, Health.WELL),
        # Somewhere in the batch is what it does not want: find it.
        (400, 9, 1, Action.SPLIT, Health.WELL),
        (400, 1, 1, Action.GIVE_UP, Health.WELL),
        (413, 9, 1, Action.SPLIT, Health.WELL),
        (413, 1, 1, Action.GIVE_UP, Health.WELL),
        # The key is wrong, not the batch: wait for people, however often it was tried.
        (401, 9, 50, Action.HOLD, Health.REFUSED),
        (403, 9, 1, Action.HOLD, Health.REFUSED),
        (404, 9, 1, Action.HOLD, Health.REFUSED),
        (301, 9, 1, Action.HOLD, Health.REFUSED),
        (307, 9, 1, Action.HOLD, Health.REFUSED),
        # It asks for quiet.
        (408, 9, 1, Action.AGAIN, Health.QUIET),
        (425, 9, 1, Action.AGAIN, Health.QUIET),
        (429, 9, 90, Action.AGAIN, Health.QUIET),
        (503, 9, 90, Action.AGAIN, Health.QUIET),
        # It is in trouble.
        (500, 9, 90, Action.AGAIN, Health.TROUBLE),
        (502, 9, 1, Action.AGAIN, Health.TROUBLE),
        (None, 9, 1, Action.AGAIN, Health.TROUBLE),
        # Nobody documented these; three tries, then people.
        (418, 9, 1, Action.AGAIN, Health.UNKNOWN),
        (422, 9, 2, Action.AGAIN, Health.UNKNOWN),
        (422, 9, 3, Action.GIVE_UP, Health.UNKNOWN),
    ],
)
def test_an_answer_decides_what_becomes_of_the_batch(status, events, attempts, action, health):
    decision = decide(work(attempts, events), Answer(status, "reset" if status is None else ""), moment())
    assert (decision.action, decision.health) == (action, health)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("5", 5),
        (" 5 ", 5),
        ("99999", 3600),
        ("99999999999999999999", 3600),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2029 11:00:00 GMT", 3600),
        ("-5", None),
        ("5.5", None),
        ("٥", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_spellings_and_bounded(header, seconds):
    assert retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize("dice", [0.0, 0.3, 0.999])
def test_nothing_is_sent_before_the_time_asked_for(dice):
    decision = decide(work(), Answer(429, retry_after="60"), moment(dice))
    assert decision.wait_s >= 60
    assert 60 <= decision.quiet_s <= 66


@pytest.mark.parametrize(
    ("attempts", "ceiling"), [(1, 4), (2, 8), (3, 16), (7, 256), (8, 300), (9, 300), (10_000, 300)]
)
def test_the_wait_doubles_up_to_five_minutes(attempts, ceiling):
    assert backoff_s(attempts, 1.0) == ceiling
    assert backoff_s(attempts, 0.0) == 0


def test_a_batch_is_given_up_when_its_window_ends_before_the_next_try():
    decision = decide(work(40, age=WINDOW), Answer(500), moment())
    assert decision.action is Action.GIVE_UP
    assert decision.reason == "not delivered within 72 h; last: answered 500"


def test_a_batch_held_past_its_window_still_gets_its_try():
    assert decide(work(1, age=2 * WINDOW), Answer(202), moment()).action is Action.SENT


def breaker_after(breaker, *statuses, header=None):
    for status in statuses:
        answer = Answer(status, retry_after=header)
        breaker = after(breaker, decide(work(), answer, moment()), answer, NOW)
    return breaker


def test_ten_failures_in_a_row_open_the_circuit_and_a_probe_follows_in_thirty_seconds():
    assert breaker_after(Breaker(), *[500] * 9).circuit == "closed"
    opened = breaker_after(Breaker(), *[500] * 10)
    assert (opened.circuit, opened.not_before) == ("open", NOW + dt.timedelta(seconds=30))


@pytest.mark.parametrize(("status", "circuit"), [(503, "open"), (408, "open"), (429, "closed")])
def test_a_destination_that_is_away_opens_the_circuit_one_that_is_asked_too_much_does_not(status, circuit):
    assert breaker_after(Breaker(), *[status] * 10).circuit == circuit


def test_one_success_between_failures_starts_the_count_again():
    assert breaker_after(Breaker(), *[500] * 9, 202, *[500] * 9).circuit == "closed"


def test_a_failed_probe_opens_the_circuit_again_and_a_good_one_closes_it():
    probing = Breaker("half_open", 10, None, 1)
    assert breaker_after(probing, None).circuit == "open"
    assert breaker_after(probing, 202) == Breaker("closed", 0, None, 2)


@pytest.mark.parametrize("status", [418, 429, 500, None])
def test_a_probe_that_is_not_accepted_is_the_only_one_for_thirty_seconds(status):
    failed = breaker_after(Breaker("half_open", 10, None, 1), status, header="0")
    assert failed.circuit == "open"
    assert failed.not_before >= NOW + dt.timedelta(seconds=30)


def test_too_many_and_at_once_in_one_breath_still_makes_quiet():
    assert decide(work(3), Answer(429, retry_after="0"), moment(0.5)).quiet_s == backoff_s(3, 0.5)


def test_a_batch_nobody_wants_is_no_failure_of_the_destination():
    assert breaker_after(Breaker(), *[400] * 30).circuit == "closed"


def test_concurrency_grows_by_one_and_halves_on_trouble():
    assert breaker_after(Breaker(concurrency=8), 202).concurrency == 9
    assert breaker_after(Breaker(concurrency=8), 429).concurrency == 4
    assert breaker_after(Breaker(concurrency=8), 500).concurrency == 4
    assert breaker_after(Breaker(concurrency=1), 500).concurrency == 1
    assert breaker_after(Breaker(concurrency=32), 202).concurrency == 32


def test_near_its_limit_a_destination_is_asked_for_less():
    answer = Answer(202, limit_used_percent=80)
    assert after(Breaker(concurrency=8), decide(work(), answer, moment()), answer, NOW).concurrency == 4


def test_quiet_asked_for_is_never_shortened_by_a_later_answer():
    long = breaker_after(Breaker(), 429, header="600")
    assert breaker_after(long, 429, header="5").not_before == long.not_before
    assert breaker_after(long, 202).not_before == long.not_before
