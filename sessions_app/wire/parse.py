"""Long-key requests: the Events API, bulk, the web SDK, mParticle's webhook, one bare event.

`parse` gives a Batch for any JSON object that could be one, good events and bad ones side by side, and WireError for
everything else; it raises nothing else, whatever the bytes. `native` brings the phones' short keys to the same
document and shares `read_batch`.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from sessions_app.keys import key128
from sessions_app.timeline.events import NAMES, Event
from sessions_app.wire import document as documents
from sessions_app.wire import vocabulary
from sessions_app.wire.attributes import TooDeepError, canonical, verbatim
from sessions_app.wire.batch import Batch, Rejected, Reported, WireError
from sessions_app.wire.pieces import Pieces
from sessions_app.wire.viewer import FaultError, Viewer, client_of, is_storable, storable, viewer_of

WEBHOOK = "webhook"
# The last millisecond of the year 9999: databases and languages differ on what comes after.
LATEST_MS = 253_402_300_799_999

_encode = msgspec.json.Encoder(order="deterministic").encode


class Dialect(NamedTuple):
    """What a request calls the list of its events, and the fields named in error messages."""

    events: str
    fields: Mapping[str, str]


LONG = Dialect("events", {})


def parse(body: bytes, received_at_ms: int, platform: str) -> Batch:
    """The batch in a body of long keys; platform is the input's, for what the batch itself leaves open."""
    document = documents.read(body)
    if not isinstance(document.value, dict):
        raise WireError("INVALID_BATCH", "The body must be one JSON object, a batch.")
    return read_batch(document, body, received_at_ms, platform, LONG)


def parse_bulk(body: bytes, received_at_ms: int, platform: str) -> list[Batch]:
    """The batches of a JSON array. One that is no batch becomes a batch with nothing but its reason."""
    document = documents.read(body)
    if not isinstance(document.value, list):
        raise WireError("INVALID_BATCH", "The body must be a JSON array of batch objects.")
    batches = []
    for index, raw in enumerate(Pieces.of_list(body, document.value)):
        try:
            batches.append(parse(raw, received_at_ms, platform))
        except WireError as error:
            fault = Rejected(None, error.code, error.message, f"/{index}{error.pointer}", raw)
            batches.append(_unreadable(raw, fault, platform))
    return batches


def read_batch(
    document: documents.Document, body: bytes, received_at_ms: int, platform: str, dialect: Dialect
) -> Batch:
    """A Batch out of a decoded long-key object; `body` is what came over the wire, in its own dialect."""
    batch = document.value
    client = client_of(batch, platform)
    sent_at_ms = _batch_time(batch.get("timestamp_unixtime_ms"))
    request_id = identifier(batch.get("source_request_id"))
    reader = EventReader(request_id, sent_at_ms, received_at_ms, client.platform, document.odd)
    try:
        viewer, fault = viewer_of(batch), None
    except FaultError as error:
        viewer, fault = Viewer("", "", ()), error
    reported: list[Reported] = []
    rejected: list[Rejected] = []
    ignored = 0
    pieces = Pieces(body, dialect.events)
    for index, event in enumerate(_events(batch, platform)):
        try:
            one = reader.read(index, event)
            if one is None:
                ignored += 1
            elif fault is None:
                reported.append(one)
            else:
                rejected.append(_rejected(index, event, fault, f"/{fault.field}", pieces))
        except FaultError as error:
            field = dialect.fields.get(error.field, error.field)
            pointer = f"/{dialect.events}/{index}{'/' if field else ''}{field}"
            rejected.append(_rejected(index, event, error, pointer, pieces))
    return Batch(
        source_request_id=request_id,
        environment=storable(batch.get("environment")),
        sent_at_ms=sent_at_ms,
        **viewer._asdict(),
        **client._asdict(),
        reported=tuple(reported),
        rejected=tuple(rejected),
        ignored=ignored,
        raw=body,
    )


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
        content = blake2b(attributes_json, digest_size=8)
        content.update(f"\0{name}\0{at_ms}".encode())
        return Reported(
            Event(
                key=self._key(data, content.digest(), at_ms is None, index),
                name=name,
                at_ms=self.received_at_ms if at_ms is None else at_ms,
                batch_at_ms=self.batch_at_ms,
                index_in_batch=index,
                received_at_ms=self.received_at_ms,
                attributes=attributes,
            ),
            session_id,
            attributes_json.decode(),
            _encode(verbatim(sent)).decode() if changed else None,
            int.from_bytes(content.digest(), "big", signed=True),
        )

    def _key(self, data: Mapping[str, Any], content: bytes, untimed: bool, index: int) -> str:
        """The event's own id; without one its content, and without a time also its place in its batch."""
        own = identifier(data.get("source_message_id"))
        if own is not None:
            return key128("source_message_id", own)
        own = identifier(data.get("event_id"))
        if own is not None:
            return key128("event_id", own)
        if untimed and self.request_id is not None:
            return key128("place", self.request_id, str(index), content)
        return key128("content", content)


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


def _batch_time(value: Any) -> int | None:
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


def _events(batch: Mapping[str, Any], platform: str) -> list[Any]:
    """The list of events; mParticle's webhook may post a bare event, or a batch without any."""
    events = batch.get("events")
    if type(events) is list:
        return events
    if "events" not in batch and "event_type" in batch:
        return [batch]
    if events is None and platform == WEBHOOK:
        return []
    raise WireError("INVALID_BATCH", '"events" must be an array.', "/events")


def _rejected(index: int, event: Any, fault: FaultError, pointer: str, pieces: Pieces) -> Rejected:
    data = event.get("data") if type(event) is dict else None
    name = data.get("event_name") if type(data) is dict else None
    attributes = data.get("custom_attributes") if type(data) is dict else None
    session_id = attributes.get("media_session_id") if type(attributes) is dict else None
    return Rejected(
        index,
        fault.code,
        fault.message,
        pointer,
        pieces.alone(index),
        storable(name) or None,
        storable(session_id) or None,
    )


def _unreadable(raw: bytes, fault: Rejected, platform: str) -> Batch:
    nothing = dict.fromkeys(("mpid", "device_id", "device", "os", "sdk_version", "app_name", "app_version"), "")
    return Batch(
        source_request_id=None,
        environment="",
        sent_at_ms=None,
        identities=(),
        platform=platform,
        reported=(),
        rejected=(fault,),
        ignored=0,
        raw=raw,
        **nothing,
    )
