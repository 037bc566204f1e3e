"""The timeline of a stored session for one answer: folded from its events, now or at an earlier moment.

A session asked for as it is now is kept by version, so that a page that asks for timeline, summary and five
explanations folds it once.
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
from sessions_app.timeline.spans import Timeline, TimelineBuilder

KEPT = 32
MOST_KEPT_EVENTS = 5_000

_kept: OrderedDict[tuple[int, int], TimelineBuilder] = OrderedDict()
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
        return _current(session, workspace).timeline(moment.now_ms)
    events = events_of(session)
    if moment.known_at_ms is not None:
        events = spans.known_at(events, moment.known_at_ms)
    if moment.as_of_ms is not None:
        events = spans.as_of(events, moment.as_of_ms)
    if not events:
        raise NotFound("Nothing of this session had happened or arrived by then.")
    return spans.build(events, rules_for(workspace.error_names), moment.fold_until_ms)


def _current(session: MediaSession, workspace: Workspace) -> TimelineBuilder:
    key = (session.pk, session.version)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    builder = TimelineBuilder(rules_for(workspace.error_names))
    builder.add(events_of(session))
    if session.last_seq <= MOST_KEPT_EVENTS:
        with _lock:
            _kept[key] = builder
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return builder
