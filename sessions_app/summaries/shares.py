"""What one settled session puts into each minute and day of the rollups. Pure.

Every name is a sum over sessions; ratios and percentiles are made from sums when read (`series.py`).

    sessions, startups, startup_ms, startup_le_<ms>           in the minute the session began
    started, completed, bitrates, bitrate_le_<bps>             there too
    plays                                                      in the minute of the first Play
    viewers                                                    1 in every minute (on every day) of viewing
    content_ms, watched_ms, rebuffer_ms, rebuffers             where they happened
    ads, ads_completed                                         in the minute an ad began
    exits_before_start, start_failures, playback_failures, errors     in the last minute

A session adds to the viewers of a minute when at some moment of it the viewer was waiting for, watching or searching
through something: not paused, not out of sight, not stalled for more than five minutes.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sessions_app.timeline.pieces import Reader, rebuffers
from sessions_app.timeline.spans import Timeline

MINUTE_MS = 60_000
DAY_MS = 86_400_000
LONG_STALL_MS = 300_000
# A device may claim years of playing; beyond a week of minutes the rest is counted in the last one.
MOST_MINUTES = 7 * 24 * 60
VIEWING = frozenset(("starting", "playing", "ad", "seeking", "buffering"))
NOT_WATCHING = frozenset(("paused", "no_signal", "ended"))
# Upper ends of the startup histogram's buckets; what took longer is in `startup_le_inf`.
STARTUP_BUCKETS_MS = (250, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 15_000, 30_000, 60_000)
# The same of a session's average bitrate.
BITRATE_BUCKETS_BPS = tuple(
    kbps * 1000 for kbps in (250, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12_000, 20_000)
)

Sums = dict[str, int]
# Minute or day since 1970 → its sums.
Share = dict[int, Sums]


def share_of(timeline: Timeline, values: dict[str, Any]) -> Share:
    """The session's minutes; `values` are its settled numbers."""
    share: Share = defaultdict(lambda: defaultdict(int))
    minutes = Minutes(share)
    first_play_ms = timeline.state.first_play_at_ms
    for span in timeline.lanes["playback"]:
        count_span(minutes, span, first_play_ms, timeline.until_ms)
    for stall in rebuffers(Reader(timeline)) if values.get("rebuffer_ms") else ():
        minutes.spread("rebuffer_ms", stall["start_ms"], stall["end_ms"] or timeline.until_ms)
        minutes.add("rebuffers", stall["start_ms"], 1)
    for ad in timeline.lanes["ad"]:
        minutes.add("ads", ad["start_ms"], 1)
        minutes.add("ads_completed", ad["start_ms"], int(ad["result"] == "completed"))
    count_once(minutes, timeline, values)
    return {minute: {name: count for name, count in sums.items() if count} for minute, sums in share.items()}


def count_span(minutes: "Minutes", span: dict[str, Any], first_play_ms: int | None, until_ms: int) -> None:
    state, start_ms = span["state"], span["start_ms"]
    end_ms = until_ms if span["end_ms"] is None else span["end_ms"]
    if state == "playing":
        minutes.spread("content_ms", start_ms, end_ms)
    if first_play_ms is not None and state not in NOT_WATCHING and end_ms > first_play_ms:
        minutes.spread("watched_ms", max(start_ms, first_play_ms), end_ms)
    if state in VIEWING:
        minutes.mark_viewer(start_ms, min(end_ms, start_ms + LONG_STALL_MS) if state == "buffering" else end_ms)


def count_once(minutes: "Minutes", timeline: Timeline, values: dict[str, Any]) -> None:
    """What happens once in a session, at its beginning or its end."""
    began_ms, ended_ms = timeline.state.started_at_ms, timeline.until_ms
    minutes.add("sessions", began_ms, 1)
    if timeline.state.first_play_at_ms is not None:
        minutes.add("plays", timeline.state.first_play_at_ms, 1)
    minutes.add("started", began_ms, int(timeline.state.has_started))
    minutes.add("completed", began_ms, int(timeline.state.has_started and timeline.state.reached_end))
    startup_ms, bitrate_bps = values.get("startup_time_ms"), values.get("average_bitrate_bps")
    if startup_ms is not None:
        minutes.add("startups", began_ms, 1)
        minutes.add("startup_ms", began_ms, startup_ms)
        minutes.add(bucket_of("startup", STARTUP_BUCKETS_MS, startup_ms), began_ms, 1)
    if bitrate_bps is not None:
        minutes.add("bitrates", began_ms, 1)
        minutes.add(bucket_of("bitrate", BITRATE_BUCKETS_BPS, bitrate_bps), began_ms, 1)
    for name, value in (
        ("exits_before_start", "exit_before_start"),
        ("start_failures", "start_failure"),
        ("playback_failures", "playback_failure"),
        ("errors", "error_count"),
    ):
        minutes.add(name, ended_ms, int(values.get(value) or 0))


def bucket_of(name: str, limits: tuple[int, ...], value: int) -> str:
    return f"{name}_le_{next((limit for limit in limits if value <= limit), 'inf')}"


class Minutes:
    """Puts amounts into minutes."""

    def __init__(self, share: Share) -> None:
        self.share = share

    def add(self, name: str, at_ms: int, amount: int) -> None:
        self.share[self.minute(at_ms)][name] += amount

    def spread(self, name: str, start_ms: int, end_ms: int) -> None:
        """A duration, to each minute the part that lies in it; the parts add up to the whole."""
        for minute, from_ms, to_ms in pieces(start_ms, end_ms):
            self.share[minute][name] += to_ms - from_ms

    def mark_viewer(self, start_ms: int, end_ms: int) -> None:
        for minute, _, _ in pieces(start_ms, end_ms):
            self.share[minute]["viewers"] = 1

    def minute(self, at_ms: int) -> int:
        return at_ms // MINUTE_MS


def pieces(start_ms: int, end_ms: int) -> Iterator[tuple[int, int, int]]:
    """(minute, from, to) of every minute a span touches."""
    minute = start_ms // MINUTE_MS
    last = min((end_ms - 1) // MINUTE_MS, minute + MOST_MINUTES)
    while minute <= last:
        to_ms = end_ms if minute == last else (minute + 1) * MINUTE_MS
        yield minute, max(start_ms, minute * MINUTE_MS), to_ms
        minute += 1


def days_of(share: Share) -> Share:
    """The same by day: sums of its minutes, but a viewer counts once a day."""
    days: Share = {}
    for minute, sums in share.items():
        day = days.setdefault(minute * MINUTE_MS // DAY_MS, {})
        for name, count in sums.items():
            day[name] = 1 if name == "viewers" else day.get(name, 0) + count
    return days
