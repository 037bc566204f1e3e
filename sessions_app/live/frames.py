"""What a page is told: SESSION, EVENT and ROW as JSON, one shape for the socket, the REST API and the pages.

Everything here is masked: of an mpid only the last four characters, of attributes nothing that names a
person. `session` may be a `MediaSession` or any row with the same column names. Times are epoch ms; ids are
texts, because JavaScript's integers end before ours do. docs/live.md shows each shape in full.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from sessions_app.live.masked import mask_attributes
from sessions_app.models import MediaSession
from sessions_app.timeline import events as words
from sessions_app.timeline.clocks import NO_OFFSETS, Offsets, corrected
from sessions_app.timeline.events import Event
from sessions_app.timeline.rules import DEFAULT as DEFAULT_RULES
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import State, current
from sessions_app.timeline.spans import Timeline
from sessions_app.timeline.summary import numbers as numbers_so_far
from sessions_app.viewers.masking import end_of

KINDS = {
    words.MEDIA_SESSION_START: "session",
    words.MEDIA_SESSION_END: "session",
    words.MEDIA_CONTENT_END: "session",
    words.PLAY: "play",
    words.PAUSE: "pause",
    words.SEEK_START: "seek",
    words.SEEK_END: "seek",
    words.BUFFER_START: "buffer",
    words.BUFFER_END: "buffer",
    words.UPDATE_PLAYHEAD_POSITION: "playhead",
    words.UPDATE_QOS: "qos",
    words.AD_CLICK: "ad",
    words.AD_BREAK_START: "ad",
    words.AD_BREAK_END: "ad",
    words.AD_START: "ad",
    words.AD_END: "ad",
    words.AD_SKIP: "ad",
    words.SEGMENT_START: "segment",
    words.SEGMENT_END: "segment",
    words.SEGMENT_SKIP: "segment",
    words.MEDIA_SESSION_SUMMARY: "summary",
    words.AD_SESSION_SUMMARY: "summary",
    words.SEGMENT_SESSION_SUMMARY: "summary",
}

# Identities by whose primary key pages refer to a viewer, best first.
VIEWER_REFS = """
SELECT seen.session_id, seen.identity_id, identity.type, identity.value
FROM sessions_app_sessionidentity seen JOIN sessions_app_identity identity ON identity.id = seen.identity_id
WHERE seen.session_id = ANY(%s) AND identity.type IN ('mpid', 'mp_deviceid')
ORDER BY seen.session_id, identity.type = 'mpid' DESC, seen.first_seen_at DESC, seen.identity_id DESC
"""


class InputWords(NamedTuple):
    """What a page says about the input a session came in by."""

    id: int
    name: str
    platform: str


def state_of(session: Any, now_ms: int | None = None, rules: Rules = DEFAULT_RULES) -> State:
    """The small state of a stored session, as of its last event; with `now_ms`, carried on to that moment."""
    state = State.decode(bytes(session.fold or b""))
    return state if now_ms is None else current(state, now_ms, rules)


def session_json(
    session: Any,
    state: State | None = None,
    source: InputWords | None = None,
    viewer_ref: str | None = None,
    numbers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """SESSION: who watched what on which player, and where it stands. `state` may be carried on to now."""
    state = state or state_of(session)
    return {
        "id": str(session.id),
        "media_session_id": session.media_session_id,
        "input": _input_json(session, source),
        **_content(session, state),
        "platform": session.platform,
        "device": session.device,
        "os": session.os,
        "player_name": session.player_name,
        "sdk_version": session.sdk_version,
        "mpid_masked": end_of(session.mpid),
        "viewer_ref": viewer_ref,
        **_standing(session, state),
        "first_received_at": _iso(session.first_received_at),
        "last_received_at": _iso(session.last_received_at),
        "version": session.version,
        "last_seq": session.last_seq,
        "event_count": state.event_count,
        "late_event_count": state.late_event_count,
        "duplicate_count": session.duplicate_count,
        "quarantined_count": session.quarantined_count,
        "numbers": dict(numbers) if numbers is not None else numbers_so_far(state),
    }


def session_then(
    session: Any, timeline: Timeline, viewer_ref: str | None = None, numbers: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """SESSION as it was at an earlier moment: what has become of it since, which the row knows, is left out."""
    state = timeline.state
    return session_json(session, state, viewer_ref=viewer_ref, numbers=numbers) | {
        "state": state.state,
        "state_since_ms": state.state_since_ms,
        "playhead_position_ms": _playhead(state),
        "playhead_at_ms": state.last_at_ms,
        "live": state.live,
        "ended_reason": state.ended_reason,
        "started_at_ms": state.started_at_ms,
        "ended_at_ms": state.ended_at_ms,
        "last_at_ms": timeline.events[-1].at_ms,
    }


def sessions_json(sessions: Sequence[MediaSession]) -> list[dict[str, Any]]:
    """SESSION of many, with two queries whatever their number; `input` is best selected with them."""
    refs = viewer_refs([session.pk for session in sessions])
    return [session_json(session, viewer_ref=refs.get(session.pk)) for session in sessions]


def row_json(session: Any, state: State | None = None, source: InputWords | None = None) -> dict[str, Any]:
    """ROW: one line of the live board with its ten-minute strip and its health."""
    state = state or state_of(session)
    standing = _standing(session, state)
    content = _content(session, state)
    return {
        "id": str(session.id),
        "media_session_id": session.media_session_id,
        "mpid_masked": end_of(session.mpid),
        "content_id": content["content_id"],
        "content_title": content["content_title"],
        "content_show": content["content_show"],
        "stream_type": content["stream_type"],
        "content_type": content["content_type"],
        "content_duration_ms": content["content_duration_ms"],
        "player_name": session.player_name,
        "platform": session.platform,
        "device": session.device,
        "input": _input_json(session, source),
        **standing,
        "behind_live_ms": state.behind_live_ms,
        "strip": state.strip,
        "errors": state.errors,
        "health": _health(state),
        "version": session.version,
    }


def event_json(row: Any, rules: Rules = DEFAULT_RULES, state: State | None = None) -> dict[str, Any]:
    """EVENT: one stored event as a list shows it. The session's state tells how far its clock was off."""
    return shown_event(event_of(row), rules, offsets_in(state))


def shown_event(event: Event, rules: Rules, offsets: Offsets) -> dict[str, Any]:
    """EVENT of an event as it was sent; `at_ms` is where it stands on the timeline, `device_at_ms` what was claimed."""
    attributes = mask_attributes(event.attributes)
    at_ms = corrected(event, offsets).at_ms
    is_custom = event.name not in words.NAMES
    is_error = is_custom and rules.is_error(event.name)
    return {
        "seq": event.seq,
        "event_key": event.key,
        "name": event.name,
        "kind": "error" if is_error else KINDS.get(event.name, "custom"),
        "at_ms": at_ms,
        "device_at_ms": event.at_ms,
        "received_at_ms": event.received_at_ms,
        "delay_ms": event.received_at_ms - at_ms,
        "playhead_position_ms": words.number(attributes, "playhead_position"),
        "attributes": attributes,
        "is_custom": is_custom,
        "is_error": is_error,
        "is_late": event.received_at_ms - at_ms > rules.late_after_ms,
    }


def event_of(row: Any) -> Event:
    """The timeline's event out of a stored row."""
    return Event(
        key=row.event_key.hex,
        name=row.name,
        at_ms=row.at_ms,
        batch_at_ms=row.batch_at_ms,
        index_in_batch=row.index_in_batch,
        received_at_ms=row.received_at_ms,
        attributes=msgspec.json.decode(row.attributes),
        seq=row.seq,
    )


def offsets_in(state: State | None) -> Offsets:
    return (state.ahead_offset_ms, state.unset_offset_ms) if state is not None else NO_OFFSETS


def viewer_refs(session_ids: Sequence[int]) -> dict[int, str]:
    """Which identity stands for each session's viewer: its mpid's, else its device's. One query."""
    if not session_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(VIEWER_REFS, [list(session_ids)])
        return first_refs(cursor.fetchall())


def first_refs(rows: Iterable[Sequence[Any]]) -> dict[int, str]:
    """The first (best) reference of each session out of VIEWER_REFS' rows."""
    refs: dict[int, str] = {}
    for session_id, identity_id, *_ in rows:
        refs.setdefault(session_id, str(identity_id))
    return refs


def _content(session: Any, state: State) -> dict[str, Any]:
    return {
        "content_id": session.content_id,
        "content_title": session.content_title,
        "content_show": state.content_show,
        "content_season": state.content_season,
        "content_episode": state.content_episode,
        "content_type": session.content_type,
        "stream_type": session.stream_type,
        "content_duration_ms": session.content_duration_ms,
    }


def _standing(session: Any, state: State) -> dict[str, Any]:
    """Where the session stands: as its state says, unless a sweep has closed the row since."""
    live = session.live and state.live
    ended_at_ms = None if live else state.ended_at_ms or session.last_at_ms
    return {
        "state": state.state if live else "ended",
        "state_since_ms": state.state_since_ms if live else ended_at_ms,
        "playhead_position_ms": _playhead(state),
        "playhead_at_ms": state.last_at_ms,
        "live": live,
        "ended_reason": None if live else session.ended_reason or state.ended_reason,
        "started_at_ms": session.started_at_ms,
        "ended_at_ms": ended_at_ms,
        "last_at_ms": session.last_at_ms,
    }


def _playhead(state: State) -> int | None:
    """Where playback stands; what is only inferred does not run past the end of the content."""
    position_ms, duration_ms = state.playhead_position_ms, state.content_duration_ms
    if position_ms is None or not duration_ms or state.stream_type == "LiveStream":
        return position_ms
    return min(position_ms, max(duration_ms, state.reported_ms or 0))


def _health(state: State) -> dict[str, int]:
    return {
        "error_count": state.error_count,
        "rebuffer_count": state.rebuffer_count,
        "rebuffer_ms": state.rebuffer_ms,
        "dropped_frames": state.dropped_frames or 0,
        "late_ms": state.late_ms,
    }


def _input_json(session: Any, source: InputWords | None) -> dict[str, Any]:
    words_of = source or session.input
    return {"id": str(words_of.id), "name": words_of.name, "platform": words_of.platform}


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
