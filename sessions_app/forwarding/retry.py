"""What an answer of a destination means. Pure: `decide` is told everything, the clock and dice included.

A decision has two halves: what becomes of the batch (sent, again later, split, given up, held) and what it
says about the destination (well, in trouble, asks for quiet, refuses us). `forward` acts on both.
docs/forwarding.md shows the same table in words.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 300.0
LONGEST_RETRY_AFTER_S = 3600.0
TRIES_OF_ODD_REFUSALS = 3
FAILURES_THAT_OPEN = 10
PROBE_EVERY_S = 30.0
NEAR_THE_LIMIT_PERCENT = 80
MOST_AT_ONCE = 32

AGAIN_LATER = frozenset((408, 425, 429, 503))
UNWANTED = frozenset((400, 413))
HOLDS = {401: "refused_key", 403: "refused_key", 404: "not_found"}


class Action(Enum):
    """What becomes of the batch."""

    SENT = "sent"
    AGAIN = "again"
    SPLIT = "split"
    GIVE_UP = "give up"
    HOLD = "hold"


class Health(Enum):
    """What the answer says about the destination as a whole."""

    WELL = "well"
    TROUBLE = "trouble"
    QUIET = "quiet"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or none and what went wrong instead."""

    status: int | None
    error: str = ""
    retry_after: str | None = None
    limit_used_percent: int | None = None
    text: str = ""
    took_ms: int = 0
    # We ourselves refuse to connect: the address is not one that may be forwarded to.
    is_refused_address: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """The batch as far as the decision needs it. `attempts` counts the one just made."""

    attempts: int
    events: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by which chance: `dice` is from 0 up to 1, `window` how long a batch is tried at all."""

    now: datetime
    dice: float
    window: timedelta


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    health: Health
    reason: str = ""
    # AGAIN: seconds until this batch may be tried again.
    wait_s: float = 0.0
    # QUIET: seconds in which nothing at all is sent to the destination.
    quiet_s: float = 0.0
    # HOLD: why, as a word that pages and people act on.
    held_reason: str = ""


def decide(work: Work, answer: Answer, moment: Moment) -> Decision:
    """What to do now that a destination gave this answer to this batch."""
    status = answer.status
    if held := held_reason(answer):
        return Decision(Action.HOLD, Health.REFUSED, answer.error or in_words(answer), held_reason=held)
    if status is None or (status >= 500 and status not in AGAIN_LATER):
        return again(work, answer, moment, Health.TROUBLE)
    if 200 <= status < 300:
        return Decision(Action.SENT, Health.WELL)
    if status in UNWANTED:
        return unwanted(work, answer)
    if status in AGAIN_LATER:
        return again(work, answer, moment, Health.QUIET)
    return odd(work, answer, moment)


def held_reason(answer: Answer) -> str:
    """Why nothing more should be sent there until somebody changes the destination; empty when all is well."""
    if answer.is_refused_address:
        return "refused_address"
    if answer.status is not None and 300 <= answer.status < 400:
        return "redirected"
    return HOLDS.get(answer.status or 0, "")


def odd(work: Work, answer: Answer, moment: Moment) -> Decision:
    """A refusal nobody documented: it may pass, and it may not."""
    if work.attempts < TRIES_OF_ODD_REFUSALS:
        return again(work, answer, moment, Health.UNKNOWN)
    return Decision(Action.GIVE_UP, Health.UNKNOWN, in_words(answer))


def unwanted(work: Work, answer: Answer) -> Decision:
    """The destination is well: it read the batch and did not want it. Halve it down to the culprit."""
    action = Action.SPLIT if work.events > 1 else Action.GIVE_UP
    return Decision(action, Health.WELL, in_words(answer))


def again(work: Work, answer: Answer, moment: Moment, health: Health) -> Decision:
    """Later, unless the window will have passed by then."""
    reason = answer.error or in_words(answer)
    asked_s = retry_after_s(answer.retry_after, moment.now)
    wait_s = max(asked_s or 0.0, backoff_s(work.attempts, moment.dice))
    quiet_s = 0.0
    if health is Health.QUIET:
        # Up to a tenth more than asked, so that many waiting processes do not come back in the same instant. An answer
        # that says "too many" and "at once" in one breath is taken at its first word.
        quiet_s = asked_s * (1 + moment.dice / 10) if asked_s else wait_s
    if moment.now + timedelta(seconds=wait_s) > work.created_at + moment.window:
        hours = round(moment.window.total_seconds() / 3600)
        reason = f"not delivered within {hours} h; last: {reason}"
        return Decision(Action.GIVE_UP, health, reason, quiet_s=quiet_s)
    return Decision(Action.AGAIN, health, reason, wait_s=wait_s, quiet_s=quiet_s)


def in_words(answer: Answer) -> str:
    return f"answered {answer.status}: {answer.text}".rstrip(": \n")


def backoff_s(attempts: int, dice: float) -> float:
    """Full jitter: anything from nothing to the ceiling, which doubles with each attempt."""
    return dice * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts, 16))


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds asked for, by either spelling of Retry-After, an hour at most; None when it says nothing."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(LONGEST_RETRY_AFTER_S, float(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(LONGEST_RETRY_AFTER_S, max(0.0, (moment - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a destination stands: closed lets everything through, open nothing, half open one probe."""

    circuit: str = "closed"
    failures_in_a_row: int = 0
    not_before: datetime | None = None
    concurrency: int = 4


def after(breaker: Breaker, decision: Decision, answer: Answer, now: datetime) -> Breaker:
    """The destination after one more answer."""
    if decision.health is Health.WELL:
        near_limit = (answer.limit_used_percent or 0) >= NEAR_THE_LIMIT_PERCENT
        at_once = breaker.concurrency // 2 if near_limit else breaker.concurrency + 1
        return Breaker("closed", 0, breaker.not_before, bounded(at_once))
    until = breaker.not_before
    if decision.quiet_s:
        until = later(until, now + timedelta(seconds=decision.quiet_s))
    failures = breaker.failures_in_a_row + is_failure(decision.health, answer)
    # A probe that was not accepted, whatever the answer, is followed by another in its time and by nothing before.
    if breaker.circuit != "closed" or failures >= FAILURES_THAT_OPEN:
        return Breaker("open", failures, later(until, now + timedelta(seconds=PROBE_EVERY_S)), 1)
    if decision.health in (Health.TROUBLE, Health.QUIET):
        return Breaker("closed", failures, until, bounded(breaker.concurrency // 2))
    return breaker


def is_failure(health: Health, answer: Answer) -> bool:
    """Whether the destination could not do its work. One that says "too many" can: it is only asked for too much."""
    return health is Health.TROUBLE or (health is Health.QUIET and answer.status != 429)


def bounded(concurrency: int) -> int:
    return max(1, min(MOST_AT_ONCE, concurrency))


def later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
