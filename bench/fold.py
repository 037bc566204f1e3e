"""What folding costs: `python bench/fold.py`.

Prints ratios of CPU time, for machines differ and are shared: a session of 20,000 events against the 250 ms it may
take, and advancing by one event late in a session against early in it. Exits with 1 when a limit is passed.
"""

import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sessions_app.timeline import events
from sessions_app.timeline.events import Event
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import State, advance, replay
from sessions_app.timeline.spans import TimelineBuilder, build
from sessions_app.timeline.summary import summarize

EVENTS = 20_000
BUDGET_MS = 250
RATIO_LIMIT = 1.2
RULES = Rules()
T0 = 1_790_000_000_000


def session(length: int) -> list[Event]:
    """A day of believable watching: reports of the playhead, quality, pauses, stalls, seeks, ads and segments."""
    chance, told = random.Random(7), []
    at_ms, position_ms = T0, 0

    def tell(name: str, **attributes: object) -> None:
        told.append(
            Event(
                key=f"{len(told):032x}",
                name=name,
                at_ms=at_ms,
                batch_at_ms=at_ms,
                index_in_batch=len(told) % 20,
                received_at_ms=at_ms + 400,
                attributes={
                    "content_id": "film",
                    "content_title": "Meltwater",
                    "content_duration": 86_400_000,
                    "playhead_position": position_ms,
                    **attributes,
                },
            )
        )

    tell(events.MEDIA_SESSION_START)
    tell(events.PLAY)
    while len(told) < length:
        at_ms += 10_000
        position_ms += 10_000
        tell(events.UPDATE_PLAYHEAD_POSITION)
        turn = chance.random()
        if turn < 0.3:
            tell(events.UPDATE_QOS, qos_bitrate=chance.choice([3_200_000, 8_000_000]), qos_dropped_frames=len(told))
        elif turn < 0.4:
            for name in (events.PAUSE, events.PLAY):
                tell(name)
                at_ms += 4_000
            position_ms += 4_000
        elif turn < 0.5:
            for name in (events.AD_BREAK_START, events.AD_START, events.AD_END, events.AD_BREAK_END):
                tell(name, ad_content_id="ad")
                at_ms += 3_000
            position_ms += 3_000
        elif turn < 0.6:
            for name in (events.BUFFER_START, events.BUFFER_END):
                tell(name)
                at_ms += 1_000
            position_ms += 1_000
    return told[:length]


def best_ms(work, times: int = 3) -> float:
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000)
    return min(spent)


def advance_us(state: State, told: list[Event], rounds: int = 60) -> float:
    """The usual cost of one step over the same kinds of events, from this state."""
    spent = []
    for _ in range(rounds):
        now = state
        began = time.process_time()
        for event in told:
            now = advance(now, event, RULES)
        spent.append((time.process_time() - began) * 1e6 / len(told))
    return statistics.median(sorted(spent)[: rounds // 2])


def moved(told: list[Event], by_ms: int) -> list[Event]:
    return [
        Event(
            e.key,
            e.name,
            e.at_ms + by_ms,
            e.batch_at_ms + by_ms,
            e.index_in_batch,
            e.received_at_ms + by_ms,
            e.attributes,
        )
        for e in told
    ]


def main() -> int:
    told = session(EVENTS)
    now_ms = told[-1].at_ms
    fold_ms = best_ms(lambda: replay(told, RULES))
    whole_ms = best_ms(lambda: summarize(build(told, RULES, now_ms)))
    # The same hundred events after 20 and after all 20,000: only what went before differs.
    early, late = replay(told[:20], RULES), replay(told, RULES)
    following = told[20:120]
    shifted = moved(following, late.last_at_ms - early.last_at_ms)
    early_us, late_us = advance_us(early, following), advance_us(late, shifted)
    builder = TimelineBuilder(RULES)
    builder.add(told)
    frame_ms = best_ms(lambda: builder.to_json(now_ms, now_ms - 60_000))
    encoded = late.encode()
    ratio = late_us / early_us
    coding_us = [best_ms(late.encode) * 1000, best_ms(lambda: State.decode(encoded)) * 1000]
    print(f"fold {EVENTS} events           {fold_ms:8.1f} ms   {fold_ms / BUDGET_MS:5.2f} of {BUDGET_MS} ms")
    print(f"timeline and all numbers     {whole_ms:8.1f} ms   {whole_ms / BUDGET_MS:5.2f} of {BUDGET_MS} ms")
    print(f"advance at event 20          {early_us:8.1f} us")
    print(f"advance at event {EVENTS}       {late_us:8.1f} us   {ratio:5.2f} of event 20 (limit {RATIO_LIMIT})")
    print(f"last minute's lanes          {frame_ms:8.2f} ms")
    print(f"encode, decode the state     {coding_us[0]:8.1f} us, {coding_us[1]:.1f} us, {len(encoded)} bytes")
    return int(fold_ms > BUDGET_MS or ratio > RATIO_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
