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
from sessions_app.timeline.session import State
from sessions_app.viewers.masking import end_of

LATE_AFTER_MS = 10_000

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

# What the small state knows of domain.md's numbers; a page that folds the whole history sends all of them.
STATE_NUMBERS = (
    "event_count",
    "late_event_count",
    "custom_event_count",
    "error_count",
    "rebuffer_count",
    "rebuffer_ms",
    "dropped_frames",
)

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


def state_of(session: Any) -> State | None:
    """The small state of a stored session; None for a row that has none yet."""
    fold = bytes(session.fold or b"")
    return State.decode(fold) if fold else None


def session_json(
    session: Any,
    state: State | None = None,
    source: InputWords | None = None,
    viewer_ref: str | None = None,
    numbers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """SESSION: who watched what on which player, and where it stands now."""
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
        "ended_at_ms": None if session.live else session.last_at_ms,
        "first_received_at": _iso(session.first_received_at),
        "last_received_at": _iso(session.last_received_at),
        "version": session.version,
        "last_seq": session.last_seq,
        "event_count": getattr(state, "event_count", session.last_seq),
        "late_event_count": getattr(state, "late_event_count", 0),
        "duplicate_count": session.duplicate_count,
        "quarantined_count": session.quarantined_count,
        "numbers": dict(numbers) if numbers is not None else numbers_of(state),
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
        "behind_live_ms": getattr(state, "behind_live_ms", None),
        "strip": [list(piece) for piece in getattr(state, "strip", ())],
        "errors": list(getattr(state, "error_marks", None) or ()),
        "health": _health(state),
        "version": session.version,
    }


def event_json(event: Any, error_names: frozenset[str] = frozenset()) -> dict[str, Any]:
    """EVENT: one event as a list shows it, from a stored row."""
    attributes = mask_attributes(msgspec.json.decode(event.attributes))
    delay_ms = event.received_at_ms - event.at_ms
    is_error = is_error_name(event.name, error_names)
    return {
        "seq": event.seq,
        "event_key": _hex(event.event_key),
        "name": event.name,
        "kind": "error" if is_error else KINDS.get(event.name, "custom"),
        "at_ms": event.at_ms,
        "received_at_ms": event.received_at_ms,
        "delay_ms": delay_ms,
        "playhead_position_ms": words.number(attributes, "playhead_position"),
        "attributes": attributes,
        "is_custom": event.name not in words.NAMES,
        "is_error": is_error,
        "is_late": delay_ms > LATE_AFTER_MS,
    }


def is_error_name(name: str, error_names: frozenset[str]) -> bool:
    """Custom events named in the workspace's list, or, without a list, any whose name contains "error"."""
    if name in words.NAMES:
        return False
    return name in error_names if error_names else "error" in name.lower()


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


def numbers_of(state: State | None) -> dict[str, Any]:
    return {name: getattr(state, name) for name in STATE_NUMBERS} if state is not None else {}


def _content(session: Any, state: State | None) -> dict[str, Any]:
    return {
        "content_id": session.content_id,
        "content_title": session.content_title,
        "content_show": getattr(state, "content_show", None),
        "content_season": getattr(state, "content_season", None),
        "content_episode": getattr(state, "content_episode", None),
        "content_type": session.content_type,
        "stream_type": session.stream_type,
        "content_duration_ms": session.content_duration_ms,
    }


def _standing(session: Any, state: State | None) -> dict[str, Any]:
    """Where the session stands. The columns decide: a sweep may have closed it since the fold was written."""
    return {
        "state": session.state,
        "state_since_ms": getattr(state, "state_since_ms", None) if session.live else session.last_at_ms,
        "playhead_position_ms": getattr(state, "playhead_position_ms", None),
        "live": session.live,
        "ended_reason": session.ended_reason,
        "started_at_ms": session.started_at_ms,
        "last_at_ms": session.last_at_ms,
    }


def _health(state: State | None) -> dict[str, int]:
    return {
        "error_count": getattr(state, "error_count", 0) or 0,
        "rebuffer_count": getattr(state, "rebuffer_count", 0) or 0,
        "rebuffer_ms": getattr(state, "rebuffer_ms", 0) or 0,
        "dropped_frames": getattr(state, "dropped_frames", 0) or 0,
        "late_ms": getattr(state, "max_late_ms", 0) or 0,
    }


def _input_json(session: Any, source: InputWords | None) -> dict[str, Any]:
    words_of = source or session.input
    return {"id": str(words_of.id), "name": words_of.name, "platform": words_of.platform}


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hex(key: Any) -> str:
    return key.hex if hasattr(key, "hex") else str(key).replace("-", "")
