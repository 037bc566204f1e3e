"""What a settled session says, and how one revision differs from the one before. Pure but for the models' types.

`Settled` is everything computed from one timeline; `changes` names each value that differs, `reason` says in words why
there is a new revision at all.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sessions_app.models import MediaSession, SessionSummary
from sessions_app.summaries.usual import Startups
from sessions_app.timeline.findings import findings
from sessions_app.timeline.reconcile import reconcile
from sessions_app.timeline.rules import FOLD_VERSION
from sessions_app.timeline.spans import Timeline
from sessions_app.timeline.summary import ads, segments, summarize

Item = dict[str, Any]

# Counted at the door, not by the timeline: it changes without anything of the session changing.
NOT_COMPARED = frozenset(("duplicate_count",))
MOST_CHANGES = 200

ENDED_IN_WORDS = {
    "session_end": "ended",
    "timed_out": "timed out",
    "timed_out_paused": "timed out while paused",
    "assumed_finished": "assumed finished",
    "summary_only": "only summaries were seen",
}
REFOLD_IN_WORDS = "rules changed"


@dataclass(frozen=True)
class Settled:
    """The settled numbers of one session."""

    started_at_ms: int
    ended_at_ms: int
    ended_reason: str
    values: Item
    client: Item | None
    reconciliation: list[Item]
    findings: list[Item]
    ads: list[Item]
    segments: list[Item]

    def compared(self) -> Item:
        """Everything a new revision may be made for, flat: name → value."""
        flat = {name: value for name, value in self.values.items() if name not in NOT_COMPARED}
        flat |= {"started_at_ms": self.started_at_ms, "ended_at_ms": self.ended_at_ms}
        flat |= {"ended_reason": self.ended_reason}
        return flat | flattened(self.client, self.ads, self.segments)


def settled(session: MediaSession, timeline: Timeline, usual: Startups | None = None) -> Settled:
    """`usual`: how sessions like this one start, for what is said of its own start."""
    values = summarize(timeline, session.duplicate_count)
    compared = reconcile(timeline, session.platform, session.sdk_version)
    state = timeline.state
    return Settled(
        started_at_ms=state.started_at_ms,
        ended_at_ms=state.ended_at_ms if state.ended_at_ms is not None else state.last_at_ms,
        ended_reason=state.ended_reason or "session_end",
        values=values,
        client=compared["client"],
        reconciliation=compared["rows"],
        findings=findings(timeline, {"platform": usual.platform, "startup_p75_ms": usual.p75_ms} if usual else None),
        ads=ads(timeline),
        segments=segments(timeline),
    )


def compared_of(summary: SessionSummary, ads: list[Item], segments: list[Item]) -> Item:
    """The stored revision in the form of `Settled.compared`."""
    flat = {name: value for name, value in summary.values.items() if name not in NOT_COMPARED}
    flat |= {"started_at_ms": summary.started_at_ms, "ended_at_ms": summary.ended_at_ms}
    flat |= {"ended_reason": summary.ended_reason}
    return flat | flattened(summary.client, ads, segments)


def flattened(client: Item | None, ads: list[Item], segments: list[Item]) -> Item:
    flat = {f"client.{name}": value for name, value in (client or {}).items()}
    for word, items in (("ad", ads), ("segment", segments)):
        for item in items:
            flat |= {f"{word} {item['number']}.{name}": value for name, value in item.items() if name != "number"}
    return flat


def changes(before: Item, after: Item) -> list[Item]:
    """[{field, before, after}] of everything that differs, in the order people read the numbers."""
    names = [*after, *(name for name in before if name not in after)]
    differing = [name for name in names if before.get(name) != after.get(name)]
    return [{"field": name, "before": before.get(name), "after": after.get(name)} for name in differing[:MOST_CHANGES]]


def reason(after: Settled, before: SessionSummary | None, timeline: Timeline) -> str:
    """Why there is this revision: "ended", "12 events arrived up to 7 days late", "rules changed"."""
    ended = ENDED_IN_WORDS.get(after.ended_reason, after.ended_reason)
    if before is None:
        return ended
    reasons = []
    since_ms = round(before.settled_at.timestamp() * 1000)
    came_ms = [event.received_at_ms - event.at_ms for event in timeline.events if event.received_at_ms > since_ms]
    if came_ms:
        events = "1 event" if len(came_ms) == 1 else f"{len(came_ms)} events"
        reasons.append(f"{events} arrived up to {late_in_words(max(came_ms))} late")
    if before.fold_version != FOLD_VERSION:
        reasons.append(REFOLD_IN_WORDS)
    if before.ended_reason != after.ended_reason:
        reasons.append(ended)
    return "; ".join(reasons) or REFOLD_IN_WORDS


def late_in_words(delay_ms: int) -> str:
    """The largest whole unit: "7 days", "3 hours", "40 s"."""
    delay = dt.timedelta(milliseconds=max(0, delay_ms))
    for unit, word in ((dt.timedelta(days=1), "day"), (dt.timedelta(hours=1), "hour")):
        if count := delay // unit:
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    minutes, seconds = divmod(int(delay.total_seconds()), 60)
    return f"{minutes} min" if minutes else f"{seconds} s"
