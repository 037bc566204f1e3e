"""Reads the rollups: series over time, totals of a range, titles side by side. docs/metrics.md has the formulas.

Sums come from Postgres; every ratio and percentile is made here, from sums over exactly what was asked for. Nothing
is a mean of ratios. Settled sessions only: what is live now is the board's.
"""

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple

from django.db import connection

from sessions_app.models import MediaSession, Workspace
from sessions_app.summaries.shares import BITRATE_BUCKETS_BPS, DAY_MS, MINUTE_MS, STARTUP_BUCKETS_MS, Sums

STEPS = {"minute": ("minuterollup", "minute", MINUTE_MS), "day": ("dayrollup", "day", DAY_MS)}

SERIES = """
SELECT extract(epoch FROM rollup.{when})::bigint * 1000 AS at_ms, entry.name, sum(entry.amount::bigint)::bigint
FROM sessions_app_{table} rollup, jsonb_each_text(rollup.sums) AS entry (name, amount)
WHERE {where} GROUP BY 1, 2 ORDER BY 1
"""
TITLES = """
SELECT rollup.content_id, entry.name, sum(entry.amount::bigint)::bigint
FROM sessions_app_{table} rollup, jsonb_each_text(rollup.sums) AS entry (name, amount)
WHERE {where} GROUP BY 1, 2
"""
VIEWERS = """
SELECT extract(epoch FROM rollup.minute)::bigint * 1000, sum((rollup.sums->>'viewers')::bigint)::bigint
FROM sessions_app_minuterollup rollup WHERE {where} AND rollup.sums ? 'viewers' GROUP BY 1
"""


class Range(NamedTuple):
    """What is asked for: [from_ms, to_ms) of one workspace, everything or one title, platform, input."""

    workspace: Workspace
    from_ms: int
    to_ms: int
    content_id: str | None = None
    platform: str | None = None
    input_id: int | None = None


def series(asked: Range, step: str = "minute") -> list[dict[str, Any]]:
    """One entry per minute or day in which anything happened: at_ms, its sums and its figures."""
    table, when, _ = STEPS[step]
    where, names = condition(asked, when)
    by_time: dict[int, Sums] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(SERIES.format(table=table, when=when, where=where), names)
        for at_ms, name, amount in cursor.fetchall():
            by_time[at_ms][name] = amount
    return [{"at_ms": at_ms, **figures(sums)} for at_ms, sums in by_time.items()]


def viewers(asked: Range) -> dict[int, int]:
    """Viewers of each minute that had any, by the minute's beginning."""
    where, names = condition(asked, "minute")
    with connection.cursor() as cursor:
        cursor.execute(VIEWERS.format(where=where), names)
        return dict(cursor.fetchall())


def totals(asked: Range, step: str = "minute", content_duration_ms: int | None = None) -> dict[str, Any]:
    """The figures of the whole range. Viewers of minutes do not add up: their peak is given, and plays."""
    points = series(asked, step)
    sums: Sums = defaultdict(int)
    for point in points:
        for name, amount in point["sums"].items():
            sums[name] += amount
    found = figures(dict(sums))
    peak = max(points, key=lambda point: point["viewers"], default=None)
    found["viewers"] = None
    found["peak_viewers"] = peak["viewers"] if peak else 0
    found["peak_at_ms"] = peak["at_ms"] if peak else None
    found["average_minute_audience"] = average_minute_audience(asked, sums, content_duration_ms)
    return found


def titles(asked: Range, step: str = "day") -> dict[str, dict[str, Any]]:
    """The figures of every title in the range, by content_id."""
    table, when, _ = STEPS[step]
    where, names = condition(asked, when)
    by_title: dict[str, Sums] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(TITLES.format(table=table, where=where), names)
        for content_id, name, amount in cursor.fetchall():
            by_title[content_id][name] = amount
    return {content_id: figures(sums) for content_id, sums in by_title.items()}


def condition(asked: Range, when: str) -> tuple[str, dict[str, Any]]:
    names: dict[str, Any] = {
        "workspace": asked.workspace.pk,
        "from": moment(asked.from_ms),
        "to": moment(asked.to_ms),
    }
    where = [
        "rollup.workspace_id = %(workspace)s",
        # A day belongs to the range it begins in.
        f"rollup.{when} >= %(from)s AND rollup.{when} < %(to)s",
    ]
    for column in ("content_id", "platform", "input_id"):
        if (value := getattr(asked, column)) is not None:
            where.append(f"rollup.{column} = %({column})s")
            names[column] = value
    return " AND ".join(where), names


def moment(at_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)


def figures(sums: Sums) -> dict[str, Any]:
    """Sums and what follows from them; None where there is nothing to measure."""
    startups = histogram_of(sums, "startup", STARTUP_BUCKETS_MS)
    bitrates = histogram_of(sums, "bitrate", BITRATE_BUCKETS_BPS)
    return {
        "sums": sums,
        "sessions": sums.get("sessions", 0),
        "viewers": sums.get("viewers", 0),
        "plays": sums.get("plays", 0),
        "content_ms": sums.get("content_ms", 0),
        "watched_ms": sums.get("watched_ms", 0),
        "rebuffer_ratio": ratio(sums.get("rebuffer_ms", 0), sums.get("watched_ms", 0)),
        "startup_histogram": [{"le_ms": limit, "count": count} for limit, count in startups],
        "startup_p50_ms": percentile(startups, 0.5),
        "startup_p95_ms": percentile(startups, 0.95),
        "bitrate_histogram": [{"le_bps": limit, "count": count} for limit, count in bitrates],
        "bitrate_p50_bps": percentile(bitrates, 0.5),
        "bitrate_p95_bps": percentile(bitrates, 0.95),
        "completion": {"n": sums.get("completed", 0), "of": sums.get("started", 0)},
        "exits_before_start": {"n": sums.get("exits_before_start", 0), "of": sums.get("sessions", 0)},
        "start_failures": {"n": sums.get("start_failures", 0), "of": sums.get("sessions", 0)},
        "playback_failures": {"n": sums.get("playback_failures", 0), "of": sums.get("sessions", 0)},
        "ad_completion": {"n": sums.get("ads_completed", 0), "of": sums.get("ads", 0)},
    }


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


# (upper end, count) of every bucket; the last has no upper end.
Histogram = list[tuple[int | None, int]]


def histogram_of(sums: Sums, name: str, limits: tuple[int, ...]) -> Histogram:
    """Empty when nothing was measured."""
    if not sums.get(f"{name}s"):
        return []
    return [(limit, sums.get(f"{name}_le_{limit or 'inf'}", 0)) for limit in (*limits, None)]


def percentile(histogram: Histogram, part: float) -> int | None:
    """Where `part` of the counted lies, in a straight line through its bucket; its lower end in the open one."""
    wanted, below = part * sum(count for _, count in histogram), 0
    if not wanted:
        return None
    for limit, count in histogram:
        if limit is None:
            break
        if count and wanted <= count:
            return round(below + (limit - below) * wanted / count)
        wanted, below = wanted - count, limit
    return below


def average_minute_audience(asked: Range, sums: Sums, content_duration_ms: int | None) -> float | None:
    """On demand: played time over the title's length (Adobe). Live, without a length: over the range's."""
    length_ms = content_duration_ms or asked.to_ms - asked.from_ms
    return ratio(sums.get("content_ms", 0), length_ms)


def duration_of(workspace: Workspace, content_id: str) -> int | None:
    """A title's length as its newest session said it; None for a live stream."""
    newest = MediaSession.objects.filter(workspace=workspace, content_id=content_id).order_by("-id")
    found = newest.values_list("content_duration_ms", "stream_type").first()
    return None if found is None or found[1] == "LiveStream" else found[0]
