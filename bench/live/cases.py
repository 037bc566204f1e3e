"""What the live bench measures. Each case prints nothing and returns its figures beside what is promised."""

import asyncio
import itertools
import time
from statistics import median
from typing import NamedTuple

from bench.live.stage import never_reads, play, watch

# The share of delays below the promised figure.
MEDIAN, TAIL = 50, 95
TURNS = 5


class Figure(NamedTuple):
    """One line of the table. `most` is None for what is stated and not promised."""

    case: str
    name: str
    measured: float
    most: float | None
    unit: str

    @property
    def verdict(self):
        if self.most is None:
            return ""
        return "met" if self.measured <= self.most else "NOT MET"


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)] * 1000 if values else float("nan")


class Seen:
    """What the watchers of one run saw of the events sent."""

    def __init__(self, sent, seen, cpu_s=0.0):
        known = {number: times for number, times in seen.items() if number in sent}
        self.delays = [at - sent[number][0] for number, times in known.items() for at in times]
        self.after_202 = [at - sent[number][1] for number, times in known.items() for at in times]
        self.unseen = len(sent) - len(known)
        self.cpu_ms = 1000 * cpu_s / max(1, len(sent))


async def watched(bench, paths, seconds_to_settle=1.0):
    """Browsers on these paths; (what they saw, a function that closes them)."""
    await bench.make_tokens(len(paths))
    seen = {}
    watchers = [await watch(bench, path, seen) for path in paths]
    await asyncio.sleep(seconds_to_settle)

    async def close():
        await asyncio.sleep(2)
        for watcher in watchers:
            watcher.transport.close()
        await asyncio.gather(*(watcher.is_closed for watcher in watchers))

    return seen, close


def session_paths(sessions):
    return [f"/ws/sessions/{session_id}/" for session_id, _ in sessions]


async def run_of(bench, sessions, paths, **pace):
    """Play `pace` over the sessions while browsers watch these paths."""
    seen, close = await watched(bench, paths)
    began_s = bench.web_cpu_s()
    sent = await play(bench, sessions, **pace)
    await close()
    return sent, seen, bench.web_cpu_s() - began_s


async def latency(bench):
    """A hundred events a second, fifty watchers: of a session each, then all of one."""
    sessions = await bench.sessions(50)
    figures = []
    for case, playing, paths in (
        ("100 events/s, 50 watchers of 50 sessions", sessions, session_paths(sessions)),
        ("100 events/s, 50 watchers of one session", sessions[:1], session_paths(sessions[:1]) * 50),
    ):
        result = Seen(*await run_of(bench, playing, paths, rate=100, seconds=12))
        figures += [
            Figure(case, "POST to frame, p50", percentile(result.delays, MEDIAN), 15, "ms"),
            Figure(case, "POST to frame, p95", percentile(result.delays, TAIL), 100, "ms"),
            Figure(case, "frame minus 202, p95", percentile(result.after_202, TAIL), 30, "ms"),
            Figure(case, "events never seen", result.unseen, 0, ""),
            Figure(case, "web CPU of an event", result.cpu_ms, None, "ms"),
        ]
    return figures


async def many(bench):
    """A thousand events a second over a thousand sessions, a hundred of them watched, five boards."""
    case = "1,000 events/s, 1,000 sessions, 100 watchers, 5 boards"
    sessions = await bench.sessions(1000)
    paths = session_paths(sessions[:100]) + ["/ws/live/"] * 5
    sent, seen, cpu_s = await run_of(bench, sessions, paths, rate=1000, seconds=15, events_each=4)
    names = {name for _, name in sessions[:100]}
    of_watched = {number: times for number, times in sent.items() if times[2] in names}
    result = Seen(of_watched, seen)
    took_s = max(times[1] for times in sent.values()) - min(times[0] for times in sent.values())
    return [
        Figure(case, "POST to frame, p95", percentile(result.delays, TAIL), 500, "ms"),
        Figure(case, "events never seen", result.unseen, 0, ""),
        Figure(case, "events taken a second", len(sent) / took_s, None, ""),
        Figure(case, "web CPU of an event", 1000 * cpu_s / len(sent), None, "ms"),
    ]


async def idle(bench, count=2000):
    """Watchers of sessions in which nothing happens."""
    case = f"{count:,} idle watchers"
    sessions = await bench.sessions(20)
    before_kib = bench.web_rss_kib()
    paths = list(itertools.islice(itertools.cycle(session_paths(sessions)), count))
    await bench.make_tokens(count)
    started = time.perf_counter()
    sockets = []
    for start in range(0, count, 50):
        sockets += await asyncio.gather(*(bench.socket(path) for path in paths[start : start + 50]))
    took_s = time.perf_counter() - started
    await asyncio.sleep(3)
    grown_kib = bench.web_rss_kib() - before_kib
    lost = sum(socket.state.name != "OPEN" for socket in sockets)
    await asyncio.gather(*(socket.close() for socket in sockets))
    return [
        Figure(case, "lost", lost, 0, ""),
        Figure(case, "opened in", took_s, None, "s"),
        Figure(case, "web memory of each", grown_kib / count, None, "KiB"),
    ]


async def stuck(bench):
    """Fifty browsers that never read beside fifty that do, and the same fifty alone.

    In turns, and the turn in the middle of each kind is told: the same fifty alone differ by more than they may
    between one turn and the next, as all of this shares two cores.
    """
    case = "50 watchers that never read beside 50 that do"
    sessions = await bench.sessions(10)
    paths = session_paths(sessions) * 5
    pace = {"rate": 200, "seconds": 8}
    seen, close = await watched(bench, paths)
    before_kib, most_kib = bench.web_rss_kib(), 0
    alone_ms, beside_ms = [], []
    for _ in range(TURNS):
        sent = await play(bench, sessions, **pace)
        await asyncio.sleep(1)
        alone_ms.append(percentile(Seen(sent, seen).delays, TAIL))
        await bench.make_tokens(len(paths))
        silent = [await never_reads(bench, path) for path in paths]
        playing = asyncio.create_task(play(bench, sessions, **pace))
        while not playing.done():
            most_kib = max(most_kib, bench.web_rss_kib())
            await asyncio.wait({playing}, timeout=0.25)
        await asyncio.sleep(1)
        beside_ms.append(percentile(Seen(playing.result(), seen).delays, TAIL))
        for writer in silent:
            writer.transport.abort()
        await asyncio.sleep(1)
    await close()
    return [
        Figure(case, "web memory grown by", (most_kib - before_kib) / 1024, 64, "MiB"),
        Figure(case, "the others' p95, alone", median(alone_ms), None, "ms"),
        Figure(case, "the others' p95, beside them", median(beside_ms), 1.2 * median(alone_ms), "ms"),
    ]


CASES = {"latency": latency, "many": many, "idle": idle, "stuck": stuck}
