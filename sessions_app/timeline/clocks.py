"""Where an event stands in time when its device's clock cannot be right.

A time later than our receipt of it, or before 2005, is impossible. Such events are moved by one offset, the same for
all of them in a session, so that the device's own order stays; the one that travelled fastest lands on its arrival.
The offset is taken from the set of events, never from their order of arrival.
"""

from collections.abc import Collection, Iterable
from operator import attrgetter

from sessions_app.timeline.events import Event

AHEAD_LIMIT_MS = 5_000
YEAR_2005_MS = 1_104_537_600_000
# Clients keep what they could not send for about 90 days: nothing sensible happened longer before its arrival.
LONGEST_DELAY_MS = 100 * 86_400_000

_at = attrgetter("at_ms")

# The offset of clocks that run ahead, and of clocks that were never set. None: no such event was seen.
Offsets = tuple[int | None, int | None]
NO_OFFSETS: Offsets = (None, None)


def is_impossible(event: Event) -> bool:
    at_ms = event.at_ms
    return at_ms > event.received_at_ms + AHEAD_LIMIT_MS or at_ms < YEAR_2005_MS


def all_possible(events: Collection[Event]) -> bool:
    """Whether none of the events is impossible, judged by the extremes of them all: surely true or perhaps not."""
    times = [event.at_ms for event in events]
    received = [event.received_at_ms for event in events]
    return not times or (min(times) >= YEAR_2005_MS and max(times) <= min(received) + AHEAD_LIMIT_MS)


def offsets_of(events: Iterable[Event], known: Offsets = NO_OFFSETS) -> Offsets:
    """The smallest shift of either kind that any of the events needs."""
    ahead, unset = known
    for event in events:
        if not is_impossible(event):
            continue
        needed = event.received_at_ms - event.at_ms
        if event.at_ms < YEAR_2005_MS:
            unset = needed if unset is None else min(unset, needed)
        else:
            ahead = needed if ahead is None else min(ahead, needed)
    return ahead, unset


def corrected(event: Event, offsets: Offsets) -> Event:
    """The event at a time that can be; the event itself when its clock is possible."""
    if not is_impossible(event):
        return event
    offset = offsets[1] if event.at_ms < YEAR_2005_MS else offsets[0]
    at_ms = event.at_ms + (offset or 0)
    if not event.received_at_ms - LONGEST_DELAY_MS <= at_ms <= event.received_at_ms:
        at_ms = event.received_at_ms  # another event's nonsense decided the offset
    return event._replace(at_ms=at_ms, clock_corrected=True)


def place(events: Iterable[Event]) -> tuple[list[Event], Offsets]:
    """The set of events, each once, in the timeline's order, with the offsets that put them there."""
    once: dict[str, Event] = {}
    for event in events:
        known = once.get(event.key)
        if known is None or first_copy(event) < first_copy(known):
            once[event.key] = event
    if all_possible(once.values()):
        return in_order(once.values()), NO_OFFSETS
    offsets = offsets_of(once.values())
    return in_order([corrected(event, offsets) for event in once.values()]), offsets


def in_order(events: Collection[Event]) -> list[Event]:
    """The events as the timeline reads them. Where no two share a millisecond their times decide, which is cheap."""
    are_apart = len({event.at_ms for event in events}) == len(events)
    return sorted(events, key=_at if are_apart else Event.order)


def first_copy(event: Event) -> tuple[int, int, int, int]:
    """What the copies of an event are told apart by: the one that came first stands for all."""
    return event.received_at_ms, event.at_ms, event.batch_at_ms, event.index_in_batch
