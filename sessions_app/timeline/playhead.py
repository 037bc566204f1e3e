"""Where the playhead is, what it has covered, and when a report does not fit.

Between reports the playhead moves at rate 1 while `playing` and stands still otherwise. Many players repeat the last
position they were told on every event; only `Update Playhead Position`, or a value that differs, is a report.
"""

from itertools import pairwise

from sessions_app.timeline import events
from sessions_app.timeline.events import Event, amount
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.state import State

COVERAGE_LENGTH = 40
# Speeds players offer, in percent: a playhead moving steadily at one of them does not jump.
SPEEDS = (25, 50, 75, 125, 150, 175, 200)


def passes(state: State, duration_ms: int) -> None:
    """Carry the playhead on through `duration_ms` of playing."""
    if state.playhead_position_ms is None:
        state.blind_ms += duration_ms
    else:
        state.playhead_position_ms += duration_ms


def starts_run(state: State) -> None:
    state.run_from_ms = state.playhead_position_ms
    state.blind_ms = 0


def ends_run(state: State) -> None:
    """Keep what was covered since the run began."""
    if state.run_from_ms is not None and state.playhead_position_ms is not None:
        cover(state.coverage, state.run_from_ms, state.playhead_position_ms)
    state.run_from_ms = None


def cover(coverage: list[list[int]], start: int, end: int) -> None:
    """Add an interval to sorted disjoint ones; beyond the bound, the two nearest become one."""
    if end <= start:
        return
    # Nearly always it goes on where the last one ended, or further on.
    if not coverage or start > coverage[-1][1]:
        coverage.append([start, end])
    elif start >= coverage[-1][0]:
        if end > coverage[-1][1]:
            coverage[-1] = [coverage[-1][0], end]
    else:
        _cover_earlier(coverage, start, end)
    if len(coverage) > COVERAGE_LENGTH:
        gaps = [after[0] - before[1] for before, after in pairwise(coverage)]
        nearest = gaps.index(min(gaps))
        coverage[nearest : nearest + 2] = [[coverage[nearest][0], coverage[nearest + 1][1]]]


def _cover_earlier(coverage: list[list[int]], start: int, end: int) -> None:
    apart_before = [span for span in coverage if span[1] < start]
    apart_after = [span for span in coverage if span[0] > end]
    touching = coverage[len(apart_before) : len(coverage) - len(apart_after)]
    if touching:
        start, end = min(start, touching[0][0]), max(end, touching[-1][1])
    coverage[:] = [*apart_before, [start, end], *apart_after]


def covered(state: State) -> list[list[int]]:
    """The intervals seen while playing, the open one included, within the duration where that is known."""
    coverage = state.coverage.copy()
    if state.run_from_ms is not None and state.playhead_position_ms is not None:
        cover(coverage, state.run_from_ms, state.playhead_position_ms)
    duration_ms = state.content_duration_ms
    if not duration_ms:
        return coverage
    return [[start, min(end, duration_ms)] for start, end in coverage if start < duration_ms]


def report(state: State, event: Event, rules: Rules) -> str | None:
    """Take the event's position in. Returns how it is drawn: `r` reported, `j` after a jump; None: no report."""
    position_ms = amount(event.attributes, "playhead_position")
    if position_ms is None:
        return None
    before_ms = state.reported_ms
    if position_ms == before_ms and event.name != events.UPDATE_PLAYHEAD_POSITION:
        return None
    expected_ms = state.playhead_position_ms
    kind = "r"
    if expected_ms is None or before_ms is None:
        if state.state == "playing":
            state.run_from_ms = max(0, position_ms - state.blind_ms)
    elif abs(position_ms - expected_ms) > rules.jump_ms:
        kind = _lands_elsewhere(state, event, position_ms, expected_ms)
    elif state.run_from_ms is not None and position_ms < state.run_from_ms:
        state.run_from_ms = position_ms
    state.unsettled = "" if not state.seeking else state.unsettled
    state.playhead_position_ms = state.reported_ms = position_ms
    state.reported_at_ms = event.at_ms
    lag_ms = event.at_ms - position_ms
    state.edge_lag_ms = lag_ms if state.edge_lag_ms is None else min(state.edge_lag_ms, lag_ms)
    duration_ms = state.content_duration_ms
    if duration_ms and position_ms >= duration_ms * rules.complete_limit:
        state.reached_end = True
    return kind


def _lands_elsewhere(state: State, event: Event, position_ms: int, expected_ms: int) -> str:
    """The report is not where the playhead should be: a seek, a place to resume at, another speed, or a jump."""
    if state.seeking:
        return "j"
    if state.first_play_at_ms is None:
        return "r"
    if state.unsettled == "seek":
        if state.run_from_ms is not None:  # what was played since the seek was played there
            state.run_from_ms = max(0, state.run_from_ms + position_ms - expected_ms)
        return "j"
    if not state.unsettled and _at_another_speed(state, event, position_ms):
        return "r"
    ends_run(state)
    if state.state == "playing":
        state.run_from_ms = position_ms
    if state.unsettled:
        return "r"
    state.jump_count += 1
    return "j"


def _at_another_speed(state: State, event: Event, position_ms: int) -> bool:
    passed_ms = event.at_ms - state.reported_at_ms
    moved_ms = position_ms - (state.reported_ms or 0)
    if state.state != "playing" or state.state_since_ms > state.reported_at_ms:
        return False
    return any(abs(moved_ms * 100 - passed_ms * speed) <= passed_ms * 3 for speed in SPEEDS)


def moved_by(state: State, distance_ms: int) -> None:
    """A seek went this far."""
    if distance_ms > 0:
        state.seek_forward_ms += distance_ms
    else:
        state.seek_backward_ms -= distance_ms
