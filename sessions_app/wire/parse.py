"""Long-key requests: the Events API, bulk, the web SDK, mParticle's webhook, one bare event.

`parse` gives a Batch for any JSON object that could be one, good events and bad ones side by side, and WireError for
everything else; it raises nothing else, whatever the bytes. `native` brings the phones' short keys to the same
document and shares `read_batch`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sessions_app.wire import document as documents
from sessions_app.wire.batch import Batch, Rejected, Reported, WireError
from sessions_app.wire.event import EventReader, batch_time, identifier
from sessions_app.wire.pieces import Pieces
from sessions_app.wire.viewer import FaultError, Viewer, client_of, storable, viewer_of

WEBHOOK = "webhook"


class Dialect(NamedTuple):
    """What a request calls the list of its events, and the fields named in error messages."""

    events: str
    fields: Mapping[str, str]
    is_bare: bool = False

    def pointer(self, index: int, field: str) -> str:
        """Where a field of an event stands in the request, as a JSON pointer."""
        place = "" if self.is_bare else f"/{self.events}/{index}"
        field = self.fields.get(field, field)
        return f"{place}/{field}" if field else place


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
    for raw in Pieces.of_list(body, document.value):
        try:
            batches.append(parse(raw, received_at_ms, platform))
        except WireError as error:
            fault = Rejected(None, error.code, error.message, error.pointer, raw)
            batches.append(_unreadable(raw, fault, platform))
    return batches


def read_batch(
    document: documents.Document, body: bytes, received_at_ms: int, platform: str, dialect: Dialect
) -> Batch:
    """A Batch out of a decoded long-key object; `body` is what came over the wire, in its own dialect."""
    batch = document.value
    client = client_of(batch, platform)
    sent_at_ms = batch_time(batch.get("timestamp_unixtime_ms"))
    request_id = identifier(batch.get("source_request_id"))
    try:
        viewer, fault = viewer_of(batch), None
    except FaultError as error:
        viewer, fault = Viewer("", "", ()), error
    reader = EventReader(request_id, sent_at_ms, received_at_ms, client.platform, document.odd)
    events = _events(batch, platform)
    if events is None:
        events, dialect = [batch], dialect._replace(is_bare=True)
    found = _read_events(reader, events, fault, Pieces(body, dialect.events), dialect)
    return Batch(
        source_request_id=request_id,
        environment=storable(batch.get("environment")),
        sent_at_ms=sent_at_ms,
        **viewer._asdict(),
        **client._asdict(),
        reported=tuple(found.reported),
        rejected=tuple(found.rejected),
        ignored=found.ignored,
        raw=body,
    )


class _Found(NamedTuple):
    reported: list[Reported]
    rejected: list[Rejected]
    ignored: int


def _read_events(
    reader: EventReader, events: list[Any], fault: FaultError | None, pieces: Pieces, dialect: Dialect
) -> _Found:
    """Every event where it belongs; with a fault of the whole batch, none of its media events can be kept."""
    reported: list[Reported] = []
    rejected: list[Rejected] = []
    ignored = 0
    for index, event in enumerate(events):
        try:
            one = reader.read(index, event)
        except FaultError as error:
            rejected.append(_rejected(index, event, error, dialect.pointer(index, error.field), pieces))
            continue
        if one is None:
            ignored += 1
        elif fault is None:
            reported.append(one)
        else:
            rejected.append(_rejected(index, event, fault, f"/{fault.field}", pieces))
    return _Found(reported, rejected, ignored)


def _events(batch: Mapping[str, Any], platform: str) -> list[Any] | None:
    """The list of events; None for a bare event. mParticle's webhook may post either, and batches without any."""
    events = batch.get("events")
    if type(events) is list:
        return events
    if "events" not in batch and "event_type" in batch:
        return None
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
