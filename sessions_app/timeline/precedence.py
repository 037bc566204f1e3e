"""Which playback state follows from what is open: one table, most serious first."""

from collections.abc import Callable

from sessions_app.timeline.state import State


def derived(state: State) -> tuple[str, bool]:
    """The playback state that follows from what is open, most serious first, and whether it is inferred."""
    if state.ended_at_ms is not None or not state.is_active:
        return "ended", False
    if _outranks(state):
        for name, is_open in _OUTRANKING:
            if is_open(state):
                return name, False
    return _resting(state)


def _outranks(state: State) -> bool:
    """Whether anything is open that outranks playing and pausing."""
    return state.seeking or state.paused_in_ad or state.buffering or state.ad is not None


def _resting(state: State) -> tuple[str, bool]:
    if state.paused:
        return "paused", False
    if state.playing:
        return "playing", state.play_inferred
    if state.first_play_at_ms is not None:
        return "paused", True  # after Content End: nothing plays and nobody pressed Pause
    return "starting", False


_OUTRANKING: tuple[tuple[str, Callable[[State], bool]], ...] = (
    ("seeking", lambda state: state.seeking),
    ("paused", lambda state: state.paused_in_ad),
    ("buffering", lambda state: state.buffering and state.totals["playing"] > 0),
    ("starting", lambda state: state.buffering),
    ("ad", lambda state: state.ad is not None),
)


def outranked(state: State, name: str) -> str | None:
    """What the state would be were it not for `name`; None when that is nothing worth telling."""
    if name in ("playing", "starting", "ended"):
        return None
    if not _outranks(state):
        resting = _resting(state)[0]
        return None if resting == name else resting
    beneath = [other for other, is_open in _OUTRANKING if other != "starting" and is_open(state)]
    beneath.append(_resting(state)[0])
    below = beneath[beneath.index(name) + 1 :] if name in beneath else beneath
    return next((other for other in below if other != name), None)
