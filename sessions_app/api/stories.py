"""The timeline of a stored session for one answer: folded from its events, now or at an earlier moment.

A session asked for as it is now is kept folded, so that a page, its timeline, its summary and five explanations fold
it once, and a session that goes on costs only what is new. What is kept is bounded by its events.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from rest_framework.exceptions import NotFound

from sessions_app.models import MediaSession, Workspace
from sessions_app.models.history import events_of
from sessions_app.models.rules import rules_for
from sessions_app.timeline import spans
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.spans import Timeline, TimelineBuilder

# Of all kept sessions together: about 60 MB of a process.
MOST_KEPT_EVENTS = 60_000

_kept: "OrderedDict[tuple[int, Rules], Folded]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class When:
    """The moment an answer is about: now, or earlier by the player's clock, by ours, or both."""

    now_ms: int
    as_of_ms: int | None = None
    known_at_ms: int | None = None

    @property
    def is_now(self) -> bool:
        return self.as_of_ms is None and self.known_at_ms is None

    @property
    def fold_until_ms(self) -> int:
        """Where the story ends: what is open is carried on to here and no further."""
        moments = (self.now_ms, self.as_of_ms, self.known_at_ms)
        return min(moment for moment in moments if moment is not None)


def when(asked: dict[str, Any], now_ms: int) -> When:
    return When(now_ms, asked.get("as_of_ms"), asked.get("known_at_ms"))


def timeline_of(session: MediaSession, workspace: Workspace, moment: When) -> Timeline:
    """The session's timeline; NotFound when nothing of it had happened or arrived by then."""
    if moment.is_now:
        return _folded(session, rules_for(workspace.error_names)).timeline(session, moment.now_ms)
    events = events_of(session)
    if moment.known_at_ms is not None:
        events = spans.known_at(events, moment.known_at_ms)
    if moment.as_of_ms is not None:
        events = spans.as_of(events, moment.as_of_ms)
    if not events:
        raise NotFound("Nothing of this session had happened or arrived by then.")
    return spans.build(events, rules_for(workspace.error_names), moment.fold_until_ms)


class Folded:
    """A session's events folded up to the last one read."""

    def __init__(self, rules: Rules) -> None:
        self._builder = TimelineBuilder(rules)
        self._lock = Lock()
        self.last_seq = 0
        # How many events it will hold once folded: what the bound counts.
        self.size = 1

    def timeline(self, session: MediaSession, now_ms: int) -> Timeline:
        """As of now, with what came since the last time."""
        with self._lock:
            if session.last_seq > self.last_seq or not self.last_seq:
                fresh = events_of(session, self.last_seq)
                self._builder.add(fresh)
                self.last_seq = max((event.seq for event in fresh), default=self.last_seq)
            return self._builder.timeline(now_ms)


def _folded(session: MediaSession, rules: Rules) -> Folded:
    key = (session.pk, rules)
    with _lock:
        folded = _kept.pop(key, None) or Folded(rules)
        folded.size = max(folded.size, session.last_seq)
        if session.last_seq <= MOST_KEPT_EVENTS:
            _kept[key] = folded
        while len(_kept) > 1 and sum(kept.size for kept in _kept.values()) > MOST_KEPT_EVENTS:
            _kept.popitem(last=False)
    return folded
