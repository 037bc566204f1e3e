"""What each event does to what is open: one small function a name, one table.

Functions work on the caller's own copy of the state and tell an `Observer` what began and ended; which playback state
follows is decided in `precedence`. Each infers the least: an end without its start is counted as an orphan, a start
over an open one closes it as inferred.
"""

from collections.abc import Callable

from sessions_app.timeline import events, playhead
from sessions_app.timeline.events import Event, amount, text
from sessions_app.timeline.observer import Observer
from sessions_app.timeline.state import LONGEST_TEXT, State

Transition = Callable[[State, Event, Observer], None]


def _session_start(state: State, event: Event, see: Observer) -> None:
    if state.session_start_at_ms is None:
        state.session_start_at_ms = event.at_ms


def _session_end(state: State, event: Event, see: Observer) -> None:
    _end_seek(state, event.at_ms, None, see)
    _close_ad(state, event.at_ms, "ended_early", True, see)
    _close_break(state, event.at_ms, True, see)
    _close_segment(state, event.at_ms, "ended_early", True, see)
    state.playing = state.paused = state.buffering = state.content_clock = False
    state.ended_at_ms = event.at_ms
    state.ended_reason = "session_end"


def _play(state: State, event: Event, see: Observer) -> None:
    _end_seek(state, event.at_ms, None, see)
    state.playing = state.content_clock = True
    state.paused = state.paused_in_ad = state.buffering = False
    state.play_inferred = state.content_ended = False
    if state.first_play_at_ms is None:
        state.first_play_at_ms = event.at_ms
    plays(state, event.at_ms)


def _pause(state: State, event: Event, see: Observer) -> None:
    if not state.paused:
        state.pause_count += 1
    state.paused = True
    state.paused_in_ad = state.ad is not None
    state.playing = state.buffering = state.content_clock = False


def _content_end(state: State, event: Event, see: Observer) -> None:
    state.playing = state.content_clock = False
    state.content_ended = state.reached_end = True
    state.played_since_error = True


def plays(state: State, at_ms: int) -> None:
    """Something shows that the player plays."""
    if state.playback_at_ms is None:
        state.playback_at_ms = at_ms
    state.played_since_error = True


def _seek_start(state: State, event: Event, see: Observer) -> None:
    if state.seeking:
        return
    state.seeking = True
    state.seek_count += 1
    sent = amount(event.attributes, "seek_position")
    state.seek_from_ms = state.playhead_position_ms if sent is None else sent
    see.sought(event.at_ms, state.seek_from_ms)


def _seek_end(state: State, event: Event, see: Observer) -> None:
    if not state.seeking:  # its start was lost: a seek of no length
        state.orphan_count += 1
        state.seek_count += 1
        state.seeking = True
        state.seek_from_ms = state.playhead_position_ms
        see.sought(event.at_ms, state.seek_from_ms)
    to_ms = amount(event.attributes, "seek_position")
    if to_ms is None and state.playhead_position_ms != state.seek_from_ms:
        to_ms = state.playhead_position_ms
    _end_seek(state, event.at_ms, to_ms, see)


def _end_seek(state: State, at_ms: int, to_ms: int | None, see: Observer) -> None:
    if not state.seeking:
        return
    state.seeking = False
    state.last_seek_end_ms = at_ms
    see.landed(at_ms, to_ms)
    if to_ms is None:
        state.unsettled = "seek"
        return
    if state.seek_from_ms is not None:
        playhead.moved_by(state, to_ms - state.seek_from_ms)
    state.playhead_position_ms = to_ms
    state.unsettled = ""


def _buffer_start(state: State, event: Event, see: Observer) -> None:
    state.buffering = True


def _buffer_end(state: State, event: Event, see: Observer) -> None:
    state.orphan_count += not state.buffering
    state.played_since_error |= state.buffering and state.playing
    state.buffering = False


def _beat(state: State, event: Event, see: Observer) -> None:
    """Learn the pace of playhead reports from intervals within one state."""
    before_ms, state.beat_at_ms = state.beat_at_ms, event.at_ms
    if before_ms is None or state.state_since_ms > before_ms:
        return
    interval_ms = event.at_ms - before_ms
    if not 100 <= interval_ms <= 120_000:
        return
    if state.beats and abs(interval_ms - state.beat_ms) * 4 <= state.beat_ms:
        state.beats = min(state.beats + 1, 1_000)
        state.beat_ms = (3 * state.beat_ms + interval_ms) // 4
        if state.state not in state.beats_in:
            state.beats_in = [*state.beats_in, state.state]
    elif not state.has_heartbeat:
        state.beats, state.beat_ms, state.beats_in = 1, interval_ms, []


def _ad_break_start(state: State, event: Event, see: Observer) -> None:
    _close_break(state, event.at_ms, True, see)
    state.ad_break_count += 1
    state.ad_break = {"start_ms": event.at_ms, "ad_break_id": short(event, "ad_break_id")}
    see.opened("ad_break", event, state.ad_break)


def _ad_break_end(state: State, event: Event, see: Observer) -> None:
    _close_ad(state, event.at_ms, "ended_early", True, see)
    state.orphan_count += state.ad_break is None
    _close_break(state, event.at_ms, False, see)


def _close_break(state: State, at_ms: int, inferred: bool, see: Observer) -> None:
    if state.ad_break is not None:
        state.ad_break = None
        see.closed("ad_break", at_ms, "", inferred)


def _ad_start(state: State, event: Event, see: Observer) -> None:
    _close_ad(state, event.at_ms, "ended_early", True, see)
    state.ad_count += 1
    break_id = state.ad_break["ad_break_id"] if state.ad_break else None
    state.ad = {
        "number": state.ad_count,
        "start_ms": event.at_ms,
        "ad_content_id": short(event, "ad_content_id"),
        "ad_content_title": short(event, "ad_content_title"),
        "ad_break_id": break_id or short(event, "ad_break_id"),
    }
    plays(state, event.at_ms)
    see.opened("ad", event, state.ad)


def _ad_end(state: State, event: Event, see: Observer) -> None:
    state.orphan_count += state.ad is None
    state.ad_completed_count += state.ad is not None
    _close_ad(state, event.at_ms, "completed", False, see)


def _ad_skip(state: State, event: Event, see: Observer) -> None:
    state.orphan_count += state.ad is None
    state.ad_skipped_count += state.ad is not None
    _close_ad(state, event.at_ms, "skipped", False, see)


def _close_ad(state: State, at_ms: int, result: str, inferred: bool, see: Observer) -> None:
    if state.ad is not None:
        state.ad = None
        state.paused_in_ad = False
        see.closed("ad", at_ms, result, inferred)


def _ad_click(state: State, event: Event, see: Observer) -> None:
    if state.ad is not None:
        see.clicked(event.at_ms)


def _segment_start(state: State, event: Event, see: Observer) -> None:
    _close_segment(state, event.at_ms, "ended_early", True, see)
    state.segment_count += 1
    state.segment = {
        "number": state.segment_count,
        "start_ms": event.at_ms,
        # The web SDK leaves out an index of 0.
        "segment_index": amount(event.attributes, "segment_index") or 0,
        "segment_title": short(event, "segment_title"),
    }
    see.opened("segment", event, state.segment)


def _segment_end(state: State, event: Event, see: Observer) -> None:
    state.orphan_count += state.segment is None
    state.segment_completed_count += state.segment is not None
    _close_segment(state, event.at_ms, "completed", False, see)


def _segment_skip(state: State, event: Event, see: Observer) -> None:
    state.orphan_count += state.segment is None
    state.segment_skipped_count += state.segment is not None
    _close_segment(state, event.at_ms, "skipped", False, see)


def _close_segment(state: State, at_ms: int, result: str, inferred: bool, see: Observer) -> None:
    if state.segment is not None:
        state.segment = None
        see.closed("segment", at_ms, result, inferred)


def _qos(state: State, event: Event, see: Observer) -> None:
    """Take in what was measured. Players that were not told a value send 0 for bitrate, rate and startup."""
    attributes = event.attributes
    bitrate = amount(attributes, "qos_bitrate") or None
    if bitrate:
        state.bitrate_shift_count += state.bitrate_bps is not None and state.bitrate_bps != bitrate
        state.bitrate_bps = bitrate
        state.peak_bitrate_bps = max(bitrate, state.peak_bitrate_bps or 0)
    state.fps = amount(attributes, "qos_fps") or state.fps
    state.startup_client_ms = state.startup_client_ms or amount(attributes, "qos_startup_time") or None
    dropped = amount(attributes, "qos_dropped_frames")
    if dropped is not None:
        if state.dropped_first is None:
            state.dropped_first = dropped
        state.dropped_falls |= dropped < state.dropped_last
        state.dropped_last = dropped
        state.dropped_sum += dropped
    see.measured(event)


def _summary(state: State, event: Event, see: Observer) -> None:
    """A client's own numbers change none of ours (`reconcile.py` sets them side by side)."""


def short(event: Event, name: str) -> str | None:
    value = text(event.attributes, name)
    return value[:LONGEST_TEXT] if value else None


def numbering(event: Event, name: str) -> str | None:
    """A season or an episode, which players send as a number or as text."""
    value = event.attributes.get(name)
    return str(value)[:LONGEST_TEXT] if type(value) in (int, str) and value != "" else None


TRANSITIONS: dict[str, Transition] = {
    events.MEDIA_SESSION_START: _session_start,
    events.MEDIA_SESSION_END: _session_end,
    events.MEDIA_CONTENT_END: _content_end,
    events.PLAY: _play,
    events.PAUSE: _pause,
    events.SEEK_START: _seek_start,
    events.SEEK_END: _seek_end,
    events.BUFFER_START: _buffer_start,
    events.BUFFER_END: _buffer_end,
    events.UPDATE_PLAYHEAD_POSITION: _beat,
    events.AD_BREAK_START: _ad_break_start,
    events.AD_BREAK_END: _ad_break_end,
    events.AD_START: _ad_start,
    events.AD_END: _ad_end,
    events.AD_SKIP: _ad_skip,
    events.AD_CLICK: _ad_click,
    events.SEGMENT_START: _segment_start,
    events.SEGMENT_END: _segment_end,
    events.SEGMENT_SKIP: _segment_skip,
    events.UPDATE_QOS: _qos,
    events.MEDIA_SESSION_SUMMARY: _summary,
    events.AD_SESSION_SUMMARY: _summary,
    events.SEGMENT_SESSION_SUMMARY: _summary,
}

# What shows that a session which ended goes on; ends, measurements and summaries may trail behind it.
REOPENING = frozenset(
    (
        events.MEDIA_SESSION_START,
        events.PLAY,
        events.PAUSE,
        events.SEEK_START,
        events.BUFFER_START,
        events.UPDATE_PLAYHEAD_POSITION,
        events.AD_BREAK_START,
        events.AD_START,
        events.SEGMENT_START,
    )
)
