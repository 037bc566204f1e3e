"""When silence ends a session, and how the next event takes it up again.

A close is laid over the state and dated back to the last event; lifted, it leaves no trace, so that a session that was
closed and went on is the same as one that never closed.
"""

from sessions_app.timeline.rules import Rules
from sessions_app.timeline.state import State


def expect_end(state: State, rules: Rules) -> None:
    """Note when silence would close the session, and why."""
    state.live = state.state != "ended"
    if not state.live:
        state.closes_at_ms = state.close_reason = None
        if not state.is_active and state.event_count:
            state.ended_reason, state.ended_at_ms = "summary_only", state.last_at_ms
        return
    wait_ms, state.close_reason = _patience(state, rules)
    state.closes_at_ms = state.last_at_ms + wait_ms


def _patience(state: State, rules: Rules) -> tuple[int, str]:
    if state.state == "paused" and not state.content_ended:
        return rules.paused_timeout_ms, "timed_out_paused"
    if state.has_heartbeat:
        return rules.heartbeat_timeout_ms, "timed_out"
    if state.content_ended:
        return rules.after_content_timeout_ms, "assumed_finished"
    if state.state == "starting":
        return rules.paused_timeout_ms, "timed_out"
    if state.content_duration_ms:
        left_ms = max(0, state.content_duration_ms - (state.playhead_position_ms or 0))
        return min(left_ms, rules.longest_wait_ms) + rules.after_content_timeout_ms, "assumed_finished"
    return rules.playing_timeout_ms, "timed_out"


def close_if_due(state: State, now_ms: int, rules: Rules) -> State:
    """The state, ended at its last evidence if it has been silent too long. The next event takes it up again."""
    if state.closes_at_ms is None or now_ms < state.closes_at_ms:
        return state
    closed = state.copy()
    closed.parked = [state.state, state.state_since_ms, state.inferred, state.under]
    closed.strip[-1] = [state.state, state.state_since_ms, state.last_at_ms]
    closed.strip.append(["ended", state.last_at_ms, None])
    closed.state, closed.state_since_ms, closed.inferred, closed.under = "ended", state.last_at_ms, True, None
    closed.live = False
    closed.ended_at_ms, closed.ended_reason = state.last_at_ms, state.close_reason
    closed.closes_at_ms = closed.close_reason = None
    return closed


def take_up_again(state: State) -> None:
    assert state.parked is not None
    state.state, state.state_since_ms, state.inferred, state.under = state.parked
    state.parked = state.ended_at_ms = state.ended_reason = None
    del state.strip[-1]
    state.strip[-1] = [state.state, state.state_since_ms, None]
