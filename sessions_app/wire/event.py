"""One event of a batch: is it a media event, can it be kept, what is it in our words.

`EventReader.read` answers all three. The document it reads has long keys; `native` has expanded the short ones.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from sessions_app.keys import joined, key128
from sessions_app.timeline.events import NAMES, Event
from sessions_app.wire import document as documents
from sessions_app.wire import vocabulary
from sessions_app.wire.attributes import TooDeepError, canonical, verbatim
from sessions_app.wire.batch import Reported
from sessions_app.wire.viewer import FaultError, is_storable, storable

# The last millisecond of the year 9999: databases and languages differ on what comes after.
LATEST_MS = 253_402_300_799_999

# What key128("source_message_id", …) begins with: nearly every event has its key from there.
_BY_MESSAGE_ID = joined("source_message_id")

_encode = msgspec.json.Encoder(order="deterministic").encode


class EventReader:
    """Reads the events of one batch; what they share is held here."""

    __slots__ = ("batch_at_ms", "odd", "platform", "received_at_ms", "request_id")

    def __init__(
        self, request_id: str | None, sent_at_ms: int | None, received_at_ms: int, platform: str, odd: bool
    ) -> None:
        self.request_id = request_id
        self.batch_at_ms = received_at_ms if sent_at_ms is None else sent_at_ms
        self.received_at_ms = received_at_ms
        self.platform = platform
        self.odd = odd

    def read(self, index: int, event: Any) -> Reported | None:
        """The media event, None for an event that is not one, FaultError for one that cannot be kept."""
        data = media_data(event)
        if data is None:
            return None
        name = _name(data.get("event_name"))
        sent = _attributes(data.get("custom_attributes"))
        at_ms = _event_time(data.get("timestamp_unixtime_ms"))
        if self.odd:
            _refuse_unstorable(name, sent)
        name = vocabulary.EVENT_ALIASES.get(name, name)
        try:
            attributes, changed = canonical(sent, name, self.platform)
        except TooDeepError:
            raise FaultError("TOO_DEEP", "An attribute nests too deep: depth is limited.", "data") from None
        attributes_json = _encode(attributes)
        session_id = sent.get("media_session_id")
        if type(session_id) is not str or not session_id:
            session_id = None
        digest = blake2b(attributes_json + f"\0{name}\0{at_ms}".encode(), digest_size=8).digest()
        return Reported(
            Event(
                self._key(data, digest, at_ms is None, index),
                name,
                self.received_at_ms if at_ms is None else at_ms,
                self.batch_at_ms,
                index,
                self.received_at_ms,
                attributes,
            ),
            session_id,
            attributes_json,
            _encode(verbatim(sent)).decode() if changed else None,
            int.from_bytes(digest, "big", signed=True),
        )

    def _key(self, data: Mapping[str, Any], content: bytes, untimed: bool, index: int) -> str:
        """The event's own id; without one its content, and without a time also its place in its batch."""
        own = self._identifier(data.get("source_message_id"))
        if own is not None:
            text = own.encode()
            return blake2b(_BY_MESSAGE_ID + len(text).to_bytes(8, "big") + text, digest_size=16).hexdigest()
        own = self._identifier(data.get("event_id"))
        if own is not None:
            return key128("event_id", own)
        if untimed and self.request_id is not None:
            return key128("place", self.request_id, str(index), content)
        return key128("content", content)

    def _identifier(self, value: Any) -> str | None:
        """As `identifier`, which asks every text whether it is storable; in a document that is not odd each is."""
        return value if not self.odd and type(value) is str and value else identifier(value)


def media_data(event: Any) -> dict[str, Any] | None:
    """The data of a media event; None for any other event; FaultError when it cannot be told or is misshapen."""
    if type(event) is not dict:
        raise FaultError("INVALID_EVENT", "An event must be an object.")
    event_type = event.get("event_type")
    data = event.get("data")
    if event_type != vocabulary.CUSTOM_EVENT:
        if not event_type or type(event_type) is not str:
            raise FaultError("INVALID_EVENT", 'Required event field "event_type" is missing or empty.', "event_type")
        if event_type in vocabulary.OTHER_EVENT_TYPES or not (type(data) is dict and _is_media(data)):
            return None
        raise FaultError("INVALID_EVENT", '"event_type" of a media event must be "custom_event".', "event_type")
    if type(data) is not dict:
        raise FaultError("INVALID_EVENT", 'Required event field "data" must be an object.', "data")
    return data if _is_media(data) else None


def _is_media(data: Mapping[str, Any]) -> bool:
    kind = data.get("custom_event_type")
    if type(kind) is str and kind:
        return kind == vocabulary.MEDIA or kind.lower() == vocabulary.MEDIA
    if kind is None or kind == "":
        name = data.get("event_name")
        if type(name) is str and (name in NAMES or name in vocabulary.EVENT_ALIASES):
            raise FaultError(
                "INVALID_EVENT",
                'Required event field "custom_event_type" is missing or empty.',
                "data/custom_event_type",
            )
        return False
    return type(kind) is int and kind == vocabulary.MEDIA_NUMBER


def identifier(value: Any) -> str | None:
    """An id as text: text as sent, a number digit for digit; anything else is none."""
    if type(value) is str:
        return value if value and is_storable(value) else None
    return str(value) if type(value) is int else None


def _name(value: Any) -> str:
    if type(value) is str and value:
        return value
    raise FaultError("INVALID_EVENT", 'Required event field "event_name" is missing or empty.', "data/event_name")


def _attributes(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if type(value) is dict:
        return value
    raise FaultError("INVALID_EVENT", '"custom_attributes" must be an object or null.', "data/custom_attributes")


def _event_time(value: Any) -> int | None:
    """Milliseconds since 1970 by the device; None when the event carries no time."""
    if type(value) is int and 0 <= value <= LATEST_MS:
        return value
    if value is None:
        return None
    at_ms = _digits(value)
    if at_ms is None or at_ms > LATEST_MS:
        raise FaultError(
            "INVALID_TIMESTAMP",
            '"timestamp_unixtime_ms" must be milliseconds since 1970, in digits.',
            "data/timestamp_unixtime_ms",
        )
    return at_ms


def _digits(value: Any) -> int | None:
    if type(value) is float:
        return int(value) if 0 <= value <= LATEST_MS else None
    if type(value) is str and len(value) <= 15 and value.isascii() and value.isdigit():
        return int(value)
    return None


def batch_time(value: Any) -> int | None:
    if type(value) is int:
        return value if 0 <= value <= LATEST_MS else None
    at_ms = _digits(value)
    return at_ms if at_ms is not None and at_ms <= LATEST_MS else None


def _refuse_unstorable(name: str, attributes: Mapping[str, Any]) -> None:
    if not is_storable(name):
        raise FaultError("INVALID_TEXT", '"event_name" holds U+0000 or a lone surrogate.', "data/event_name")
    for key, value in attributes.items():
        if not (is_storable(key) and _all_storable(value)):
            where = f'"{storable(key)}"'
            raise FaultError(
                "INVALID_TEXT", f"Attribute {where} holds U+0000 or a lone surrogate.", "data/custom_attributes"
            )


def _all_storable(value: Any, depth: int = 0) -> bool:
    if type(value) is str:
        return is_storable(value)
    if depth > documents.MAX_DEPTH:
        return False
    if type(value) is dict:
        return all(is_storable(key) and _all_storable(item, depth + 1) for key, item in value.items())
    return type(value) is not list or all(_all_storable(item, depth + 1) for item in value)
