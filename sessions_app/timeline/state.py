"""The small state of one media session: what a row of the database keeps and a live page needs.

Bounded whatever the session's length: closed spans are not here (`spans.py` folds them from the events), only what is
open, the sums so far, the playhead's coverage and the last ten minutes for the board. Values inside the lists are
replaced, never changed, so that a copy is cheap; `transitions` works on a copy and `session` hands it out.
"""

import json
from dataclasses import dataclass, field
from typing import Any

# Every millisecond of a session is in exactly one of these.
PLAYBACK_STATES = ("starting", "playing", "ad", "buffering", "seeking", "paused", "no_signal", "ended")
# Within them the viewer is not watching.
NOT_WATCHING = frozenset(("paused", "no_signal", "ended"))

STRIP_MS = 600_000
# Events count as arriving late these minutes for so long after the last that did.
LATE_FOR_MS = 120_000
STRIP_LENGTH = 40
ERROR_MARKS = 12
LONGEST_TEXT = 512
# A beat is learned from this many equal intervals (five reports of the playhead).
BEATS_TO_LEARN = 4


def _no_time() -> dict[str, int]:
    return dict.fromkeys(PLAYBACK_STATES, 0)


@dataclass
class State:
    """Times are epoch milliseconds on the (corrected) device clock, except `last_received_ms` and `closes_at_ms`."""

    folded_by: str = ""  # the rules that made it (`rules.mark_of`)

    # -- where it stands
    state: str = "ended"
    state_since_ms: int = 0
    inferred: bool = False
    under: str | None = None  # the state this one outranks
    live: bool = False
    ended_reason: str | None = None
    ended_at_ms: int | None = None
    closes_at_ms: int | None = None
    close_reason: str | None = None
    # What the state was before a timeout closed it: the next event takes it up again.
    parked: list | None = None

    # -- what it is
    content_id: str | None = None
    content_title: str | None = None
    content_type: str | None = None
    stream_type: str | None = None
    content_duration_ms: int | None = None
    content_show: str | None = None
    content_season: str | None = None
    content_episode: str | None = None
    player_name: str | None = None

    # -- events
    started_at_ms: int = 0
    last_at_ms: int = 0
    last_order: list | None = None
    first_received_ms: int = 0  # of the event that stands first
    last_received_ms: int = 0
    ahead_offset_ms: int | None = None
    unset_offset_ms: int | None = None
    event_count: int = 0
    late_event_count: int = 0
    max_late_ms: int = 0
    longest_delay_ms: int = 0
    late_at_ms: int = 0  # the last event to arrive late, when it happened
    late_for_ms: int = 0  # the longest delay of those shortly before it
    custom_event_count: int = 0
    error_count: int = 0
    corrected_count: int = 0
    orphan_count: int = 0
    errors: list[int] = field(default_factory=list)

    # -- what is open
    is_active: bool = False  # anything but a summary was seen
    playing: bool = False
    play_inferred: bool = False
    paused: bool = False
    paused_in_ad: bool = False
    buffering: bool = False
    seeking: bool = False
    content_ended: bool = False
    content_clock: bool = False  # between a Play and the next Pause, Content End or Session End
    ad_break: dict | None = None
    ad: dict | None = None
    segment: dict | None = None

    # -- sums
    totals: dict[str, int] = field(default_factory=_no_time)
    watched_ms: int = 0
    content_clock_ms: int = 0
    session_start_at_ms: int | None = None
    first_play_at_ms: int | None = None
    playback_at_ms: int | None = None  # first evidence of playback
    last_error_at_ms: int | None = None
    played_since_error: bool = False
    is_rebuffer: bool = False  # the open stall counts
    is_new_span: bool = False  # no time has passed in the open span
    span_before: list = field(default_factory=lambda: [False, None, False])  # its inferred, under, is_rebuffer
    rebuffer_count: int = 0
    rebuffer_ms: int = 0
    pause_count: int = 0
    seek_count: int = 0
    seek_forward_ms: int = 0
    seek_backward_ms: int = 0
    seek_from_ms: int | None = None
    last_seek_end_ms: int | None = None
    reached_end: bool = False
    ad_break_count: int = 0
    ad_count: int = 0
    ad_completed_count: int = 0
    ad_skipped_count: int = 0
    segment_count: int = 0
    segment_completed_count: int = 0
    segment_skipped_count: int = 0

    # -- quality as last reported
    startup_client_ms: int | None = None
    bitrate_bps: int | None = None
    peak_bitrate_bps: int | None = None
    bitrate_shift_count: int = 0
    weighted_bitrate: int = 0  # bit/s × ms of playing
    weighted_ms: int = 0
    fps: int | None = None
    dropped_first: int | None = None
    dropped_last: int = 0
    dropped_sum: int = 0
    dropped_falls: bool = False  # the counter fell once: these are not running totals

    # -- playhead
    playhead_position_ms: int | None = None  # at `last_at_ms`; inferred at rate 1 while playing
    reported_ms: int | None = None
    reported_at_ms: int = 0
    edge_lag_ms: int | None = None  # least (at − position) reported: the closest to the live edge it has been
    blind_ms: int = 0  # played before the first report
    run_from_ms: int | None = None
    coverage: list[list[int]] = field(default_factory=list)
    unsettled: str = ""  # why the next report may be anywhere: seek, silence
    jump_count: int = 0

    # -- heartbeat
    beat_at_ms: int | None = None
    beat_ms: int = 0
    beats: int = 0
    beats_in: list[str] = field(default_factory=list)

    # -- the board's ten minutes
    strip: list[list] = field(default_factory=list)

    @property
    def has_started(self) -> bool:
        return self.playback_at_ms is not None

    @property
    def has_heartbeat(self) -> bool:
        return self.beats >= BEATS_TO_LEARN

    @property
    def late_ms(self) -> int:
        """By how much events arrive late these minutes; 0 when they no longer do."""
        return self.late_for_ms if self.last_at_ms - self.late_at_ms <= LATE_FOR_MS else 0

    @property
    def behind_live_ms(self) -> int | None:
        """How far a live stream has fallen behind the closest to the live edge it has been."""
        if self.stream_type != "LiveStream" or self.edge_lag_ms is None or self.playhead_position_ms is None:
            return None
        return max(0, self.last_at_ms - self.playhead_position_ms - self.edge_lag_ms)

    @property
    def dropped_frames(self) -> int | None:
        """A running total counts from its first report; anything else is added up."""
        if self.dropped_first is None:
            return None
        return self.dropped_sum if self.dropped_falls else self.dropped_last - self.dropped_first

    def copy(self) -> "State":
        """A working copy: its lists may be appended to, their entries only be replaced."""
        twin = State.__new__(State)
        fields = self.__dict__.copy()
        for name in ("totals", "errors", "coverage", "strip"):
            fields[name] = fields[name].copy()
        twin.__dict__ = fields
        return twin

    def encode(self) -> bytes:
        """As JSON, without what still has its first value."""
        return _encode(self.fields()).encode()

    def fields(self) -> dict[str, Any]:
        """What no longer has its first value."""
        first = _FIRST
        return {
            name: value for name, value in self.__dict__.items() if value is not (was := first[name]) and value != was
        }

    @staticmethod
    def decode(encoded: bytes) -> "State":
        state = State()
        if encoded:
            state.__dict__.update(json.loads(bytes(encoded)))
        return state


_FIRST: dict[str, Any] = State().__dict__
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
