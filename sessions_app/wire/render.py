"""A stored batch, made into what the Events API takes, and one of its events as it was sent.

Forwarding sends the same viewer, the same device and the same events on, whichever door they came through. What only
mParticle's own outgoing batches carry, and what its Events API refuses, is left out; attributes go on as sent.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from sessions_app.wire import document as documents
from sessions_app.wire import vocabulary
from sessions_app.wire.attributes import verbatim
from sessions_app.wire.event import media_data
from sessions_app.wire.native import expand, expand_legacy_web
from sessions_app.wire.viewer import FaultError

_BATCH_FIELDS = (
    "mp_deviceid",
    "timestamp_unixtime_ms",
    "ip",
    "user_attributes",
    "deleted_user_attributes",
    "device_info",
    "application_info",
    "consent_state",
    "integration_attributes",
    "partner_identities",
    "sdk_version",
)
# What mParticle fills in by itself.
_READ_ONLY_DATA = frozenset(("event_id", "session_id", "batch_id", "message_id", "message_type"))
_INTEGER_DATA = frozenset(
    ("timestamp_unixtime_ms", "session_start_unixtime_ms", "event_start_unixtime_ms", "event_num")
)
_INTEGER_DEVICE = frozenset(("screen_height", "screen_width", "screen_dpi", "timezone_offset"))
# Kiribati is that far ahead.
MOST_HOURS = 14
_ENVIRONMENTS = frozenset(("production", "development"))


def render(raw_body: bytes, door: str, indexes: list[int] | None, source_request_id: str) -> bytes:
    """The Events API batch with these events of a stored body (None: all media events)."""
    batch = _long(raw_body, door)
    rendered: dict[str, Any] = {
        "source_request_id": source_request_id,
        "environment": _environment(batch.get("environment")),
        "events": [_event(event) for event in _chosen(batch, indexes)],
    }
    mpid = _integer(batch.get("mpid"))
    if mpid:
        rendered["mpid"] = mpid
    identities = _identities(batch.get("user_identities"))
    if identities:
        rendered["user_identities"] = identities
    for field in _BATCH_FIELDS:
        value = _without_nulls(batch.get(field))
        if value not in (None, "", {}, []):
            rendered[field] = value
    rendered |= _context(batch)
    if "timestamp_unixtime_ms" in rendered:
        rendered["timestamp_unixtime_ms"] = _integer(rendered["timestamp_unixtime_ms"])
    return msgspec.json.encode(rendered)


def event_at(raw_body: bytes, door: str, index: int) -> dict[str, Any]:
    """One event of a stored body, as the client sent it; {} when there is none at that place."""
    batch = documents.read(raw_body).value
    if not isinstance(batch, dict):
        return {}
    events = batch.get("msgs" if door == "native" else "events", [batch])
    if not isinstance(events, list) or not 0 <= index < len(events):
        return {}
    event = verbatim(events[index])
    return event if isinstance(event, dict) else {}


def utc_offset_of(raw_body: bytes, door: str) -> float | None:
    """How many hours the device that sent this body is ahead of UTC; None when it does not say."""
    device = _long(raw_body, door).get("device_info")
    hours: Any = device.get("timezone_offset") if isinstance(device, Mapping) else None
    try:
        ahead = float(hours)
    except (TypeError, ValueError, OverflowError):
        return None
    return ahead if -MOST_HOURS <= ahead <= MOST_HOURS else None


def _long(raw_body: bytes, door: str) -> dict[str, Any]:
    batch = documents.read(raw_body).value
    if not isinstance(batch, dict):
        return {}
    if door == "native":
        return expand(batch)
    return expand_legacy_web(batch) if door == "legacy_web" else batch


def _chosen(batch: Mapping[str, Any], indexes: list[int] | None) -> list[dict[str, Any]]:
    events = batch.get("events", [batch] if "event_type" in batch else [])
    events = events if isinstance(events, list) else []
    if indexes is not None:
        return [events[index] for index in indexes if 0 <= index < len(events)]
    return [event for event in events if _is_media(event)]


def _is_media(event: Any) -> bool:
    try:
        return media_data(event) is not None
    except FaultError:
        return False


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in event["data"].items() if value is not None and key not in _READ_ONLY_DATA}
    data = {key: _integer(value) if key in _INTEGER_DATA else verbatim(value) for key, value in kept.items()}
    # 0 means "unknown" in mParticle's outgoing batches.
    data = {key: value for key, value in data.items() if value or key not in _INTEGER_DATA}
    data["custom_event_type"] = vocabulary.MEDIA
    return {"event_type": vocabulary.CUSTOM_EVENT, "data": data}


def _environment(value: Any) -> str:
    """The schema knows two; anything else is what an absent one means by the documentation."""
    return value if type(value) is str and value in _ENVIRONMENTS else "production"


def _identities(value: Any) -> dict[str, str]:
    """{type: value} in the schema's spelling, also from mParticle's outgoing list."""
    pairs: list[tuple[Any, Any]] = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, list):
        pairs = [(one.get("identity_type"), one.get("identity")) for one in value if isinstance(one, dict)]
    return {
        vocabulary.IDENTITY_ALIASES.get(kind.lower(), kind): str(identity)
        for kind, identity in pairs
        if type(kind) is str and type(identity) in (str, int) and identity != ""
    }


def _context(batch: Mapping[str, Any]) -> dict[str, Any]:
    context = _without_nulls(batch.get("context") or batch.get("batch_context"))
    return {"context": context} if context and isinstance(context, dict) else {}


def _without_nulls(value: Any) -> Any:
    """Without null fields, sizes and offsets as numbers: the phones send some as text."""
    if not isinstance(value, dict):
        return verbatim(value)
    return {
        key: _integer(item) if key in _INTEGER_DEVICE else verbatim(item)
        for key, item in value.items()
        if item is not None
    }


def _integer(value: Any) -> Any:
    """A 64-bit integer out of a number or its digits; else None."""
    if type(value) is str and value.removeprefix("-").isdigit() and value.isascii() and len(value) <= 20:
        value = int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and -(2**63) <= value < 2**63 else None
