"""The numbers above the board: figures, counts by state, titles. Pure: rows and a moment in, numbers out.

Ratios are sums over sums. A minute is a minute of the wall clock; the last of thirty is the one under way. For the
last ten minutes the rows themselves know what was watched; before that `History` remembers what was said then, and
what nobody remembers is None.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sessions_app.live.rows import MINUTE_MS, BoardRow, spread

MINUTES = 30
WINDOW_MS = MINUTES * MINUTE_MS
# Minutes whose watching the rows' strips still hold in full.
KNOWN_MINUTES = 9
MOST_TITLES = 50

Minutes = dict[int, list[int]]


class History:
    """What was said of minutes that are now too old to be counted again: (viewers, rebuffer ratio, ad completion)."""

    def __init__(self) -> None:
        self.minutes: dict[int, tuple[int | None, float | None, float | None]] = {}

    def remember(self, minute: int, viewers: int | None, rebuffer: float | None, ads: float | None) -> None:
        self.minutes[minute] = viewers, rebuffer, ads
        for old in [key for key in self.minutes if key < minute - MINUTES]:
            del self.minutes[old]


def figures(rows: Iterable[BoardRow], now_ms: int, history: History | None = None) -> dict[str, Any]:
    """Everything above the list, over the rows that match the filters but for the state."""
    rows = list(rows)
    history = history or History()
    last = now_ms // MINUTE_MS
    wanted = range(last - MINUTES + 1, last + 1)
    watched = sum_minutes(rows, now_ms)
    viewers_now = sum(row.is_watching(now_ms) for row in rows)
    ads = ratio(sum(row.ad_completed_count for row in rows), sum(row.ad_count for row in rows))
    history.remember(last, viewers_now, _stalled_part(watched.get(last)), ads)
    begun = [row for row in rows if row.started_at_ms >= now_ms - WINDOW_MS]
    return {
        "viewers_now": viewers_now,
        "live_sessions": sum(row.live for row in rows),
        "distinct_viewers": len({row.mpid or row.id for row in rows if row.is_watching(now_ms)}),
        "viewers_30min": [*viewers_by_minute(watched, wanted[:-1], history), viewers_now],
        **_plays(rows, now_ms, wanted),
        **_startup(begun, wanted),
        "rebuffer_ratio": rebuffer_ratio(rows, now_ms),
        "rebuffer_30min": [_rebuffer_in(minute, last, watched, history) for minute in wanted],
        "exits_before_start": {"n": sum(row.ended_before_start for row in begun), "of": len(begun)},
        "exits_30min": _exits_by_minute(begun, wanted),
        "ad_completion": {
            "n": sum(row.ad_completed_count for row in rows),
            "of": sum(row.ad_count for row in rows),
        },
        "ad_completion_30min": [history.minutes.get(minute, (None, None, None))[2] for minute in wanted],
    }


def by_state(rows: Iterable[BoardRow]) -> dict[str, int]:
    return dict(Counter(row.state for row in rows if row.live))


def titles(rows: Iterable[BoardRow], now_ms: int) -> list[dict[str, Any]]:
    """The most watched titles now."""
    by_content: defaultdict[str, list[BoardRow]] = defaultdict(list)
    for row in rows:
        by_content[row.content_id].append(row)
    counted = [(sum(row.is_watching(now_ms) for row in group), group) for group in by_content.values()]
    counted.sort(key=lambda pair: (-pair[0], pair[1][0].content_title))
    return [_title(viewers, group, now_ms) for viewers, group in counted[:MOST_TITLES] if viewers]


def _title(viewers: int, group: Sequence[BoardRow], now_ms: int) -> dict[str, Any]:
    last = now_ms // MINUTE_MS
    wanted = range(last - MINUTES + 1, last)
    newest = max(group, key=lambda row: row.id)
    return {
        "content_id": newest.content_id or None,
        "content_title": newest.content_title or None,
        "content_show": newest.content_show,
        "stream_type": newest.stream_type or None,
        "viewers": viewers,
        "viewers_30min": [*viewers_by_minute(sum_minutes(group, now_ms), wanted, History()), viewers],
        "rebuffer_ratio": rebuffer_ratio(group, now_ms),
    }


def sum_minutes(rows: Iterable[BoardRow], now_ms: int) -> Minutes:
    """Watching and stalled milliseconds of all rows by minute, the open spans up to now."""
    sums: Minutes = {}
    for row in rows:
        for minute, (watching_ms, stalled_ms) in row.minutes.items():
            total = sums.setdefault(minute, [0, 0])
            total[0] += watching_ms
            total[1] += stalled_ms
        if row.live and row.open_from_ms is not None:
            spread(sums, max(row.open_from_ms, now_ms - WINDOW_MS), now_ms, stalled=row.state == "buffering")
    return sums


def viewers_by_minute(watched: Minutes, wanted: Iterable[int], history: History) -> list[int]:
    """Average viewers in each minute: as said then, else watching time over a minute."""
    said = history.minutes
    return [
        said[minute][0] or 0 if minute in said else round(watched.get(minute, [0])[0] / MINUTE_MS) for minute in wanted
    ]


def rebuffer_ratio(rows: Iterable[BoardRow], now_ms: int) -> float | None:
    """Stalled over watched time, with what goes on counted up to now."""
    rows = list(rows)
    return ratio(sum(row.rebuffered_by(now_ms) for row in rows), sum(row.watched_by(now_ms) for row in rows))


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile of values in order."""
    return values[min(len(values) - 1, len(values) * percent // 100)] if values else None


def _rebuffer_in(minute: int, last: int, watched: Minutes, history: History) -> float | None:
    if minute > last - KNOWN_MINUTES:
        return _stalled_part(watched.get(minute))
    return history.minutes.get(minute, (None, None, None))[1]


def _stalled_part(sums: Sequence[int] | None) -> float | None:
    return ratio(sums[1], sums[0]) if sums else None


def _plays(rows: Iterable[BoardRow], now_ms: int, wanted: range) -> dict[str, Any]:
    plays = [row.first_play_at_ms for row in rows if row.first_play_at_ms is not None]
    per_minute = Counter(at_ms // MINUTE_MS for at_ms in plays)
    return {
        "plays_per_minute": sum(now_ms - MINUTE_MS < at_ms <= now_ms for at_ms in plays),
        "plays_30min": [per_minute[minute] for minute in wanted],
    }


def _startup(begun: Iterable[BoardRow], wanted: range) -> dict[str, Any]:
    known = [(row.started_at_ms // MINUTE_MS, row.startup_ms) for row in begun if row.startup_ms is not None]
    in_order = sorted(startup for _, startup in known)
    by_minute: defaultdict[int, list[int]] = defaultdict(list)
    for minute, startup in known:
        by_minute[minute].append(startup)
    return {
        "startup_p50_ms": percentile(in_order, 50),
        "startup_p95_ms": percentile(in_order, 95),
        "startup_30min": [percentile(sorted(by_minute[minute]), 50) for minute in wanted],
    }


def _exits_by_minute(begun: Sequence[BoardRow], wanted: range) -> list[float | None]:
    all_begun = Counter(row.started_at_ms // MINUTE_MS for row in begun)
    exits = Counter(row.started_at_ms // MINUTE_MS for row in begun if row.ended_before_start)
    return [ratio(exits[minute], all_begun[minute]) for minute in wanted]
