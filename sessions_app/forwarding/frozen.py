"""Bodies: made once, at the first claim, then sent byte for byte until the batch is done with.

A batch over mParticle's 128 kB is halved before it is sent at all; one whose newest event is older than thirty
days goes as history, which mParticle takes at another door and as a list.
"""

import datetime as dt
import uuid

import msgspec
import structlog

from sessions_app.forwarding import outward
from sessions_app.models import Delivery, Input, RawBatch
from sessions_app.wire.render import render

log = structlog.get_logger(__name__)

LARGEST_BATCH = 128 * 1000
HISTORY_AFTER = dt.timedelta(days=30)
# Ours for ever: the same events of the same batch get the same source_request_id in every attempt.
NAMESPACE = uuid.UUID("5d9a1f6e-7f0b-5c55-9b43-0a4b6e3c9d21")


class CannotBeMadeError(Exception):
    """A batch's body cannot be made, now or ever; the message says why."""


class _Data(msgspec.Struct):
    timestamp_unixtime_ms: int | str | None = None


class _Event(msgspec.Struct):
    data: _Data | None = None


class _Times(msgspec.Struct):
    events: list[_Event] | None = None


_times = msgspec.json.Decoder(_Times)


def freeze(deliveries: list[Delivery], now: dt.datetime) -> list[tuple[Delivery, bytes | CannotBeMadeError]]:
    """Each with its body, stored in it when it was not there yet; may shorten the part that is sent."""
    unmade = [delivery for delivery in deliveries if delivery.body is None]
    raws = RawBatch.objects.in_bulk([row.raw_batch_id for row in unmade if row.raw_batch_id is not None])
    inputs = Input.objects.filter(pk__in={raw.input_id for raw in raws.values()})
    keys = dict(inputs.values_list("pk", "key"))
    failed: dict[int, CannotBeMadeError] = {}
    for delivery in unmade:
        raw = raws.get(delivery.raw_batch_id or 0)
        try:
            make(delivery, raw, keys.get(raw.input_id, "") if raw else "", now)
        except CannotBeMadeError as error:
            failed[delivery.pk] = error
        except Exception as error:
            log.exception("a batch could not be made", delivery=delivery.pk)
            failed[delivery.pk] = CannotBeMadeError(f"the batch could not be made: {type(error).__name__}")
    Delivery.objects.bulk_update(unmade, ["body", "source_request_id", "indexes", "rest"])
    return [(row, failed.get(row.pk) or bytes(row.body or b"")) for row in deliveries]


def make(delivery: Delivery, raw: RawBatch | None, input_key: str, now: dt.datetime) -> None:
    """Put the body into a delivery; halves it until it is small enough."""
    if delivery.summary_id is not None:
        delivery.source_request_id, delivery.body = outward.body_of(delivery.summary_id)
        return
    if raw is None:
        raise CannotBeMadeError("the raw batch is no longer kept")
    while True:
        request_id = made_id(input_key, raw.batch_key, delivery.indexes)
        body = render(bytes(raw.body), raw.door, delivery.indexes, request_id)
        if len(body) <= LARGEST_BATCH:
            delivery.source_request_id = request_id
            delivery.body = b"[" + body + b"]" if is_history(body, now) else body
            return
        if len(delivery.indexes) < 2:
            raise CannotBeMadeError(f"one event of {len(body)} bytes is more than mParticle takes")
        halve(delivery)


def made_id(input_key: str, batch_key: uuid.UUID | str, indexes: list[int]) -> str:
    """From the batch's content, not from our row numbers, which begin again in a new database."""
    places = ",".join(map(str, indexes))
    return str(uuid.uuid5(NAMESPACE, f"{input_key}/{uuid.UUID(str(batch_key))}/{places}"))


def halve(delivery: Delivery) -> None:
    """The first half is sent now, the second follows; both stay in the row's place in its lane."""
    middle = len(delivery.indexes) // 2
    delivery.indexes, second = delivery.indexes[:middle], delivery.indexes[middle:]
    delivery.rest = [second, *delivery.rest]
    delivery.body, delivery.source_request_id = None, ""


def is_history(body: bytes, now: dt.datetime) -> bool:
    """True when even the newest event is older than mParticle's ordinary door is meant for."""
    try:
        events = _times.decode(body).events or []
        times = [int((event.data and event.data.timestamp_unixtime_ms) or 0) for event in events]
    except (msgspec.MsgspecError, ValueError):
        return False
    # An event without a time counts as now: mParticle dates it by its arrival.
    return bool(times) and min(times) > 0 and max(times) < (now - HISTORY_AFTER).timestamp() * 1000
