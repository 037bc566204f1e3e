"""Parts of a body, byte for byte: one event alone in its batch, one batch of a bulk request.

What is put in quarantine must go through the same door again unchanged, so nothing is re-encoded where the original
bytes can be cut out.
"""

import json
from typing import Any, Self

import msgspec

from sessions_app.wire import document as documents

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError)


class Pieces:
    """The events of one body, each on request; the body is taken apart once, when the first is asked for."""

    def __init__(self, body: bytes, events_key: str) -> None:
        self._body = body.removeprefix(documents.BOM)
        self._key = events_key
        self._rest: bytes | None = None
        self._events: list[bytes] = []

    def alone(self, index: int) -> bytes:
        """The batch with this event and no other; the whole body when it was a bare event."""
        if self._rest is None:
            self._take_apart()
        if not self._events:
            return self._body
        return b'{%s"%s":[%s]}' % (self._rest, self._key.encode(), self._events[index])

    def _take_apart(self) -> None:
        try:
            fields = {key: bytes(value) for key, value in _fields.decode(self._body).items()}
            self._events = [bytes(event) for event in _items.decode(fields.pop(self._key))]
        except _UNDECODABLE:
            fields = self._encoded_again()
        self._rest = b"".join(b"%s:%s," % (_dumped(key), value) for key, value in fields.items())

    def _encoded_again(self) -> dict[str, bytes]:
        """For bodies msgspec refuses (lone surrogates): equal JSON, with everything odd escaped."""
        document = documents.read(self._body).value
        events = document.pop(self._key, None)
        self._events = [_dumped(event) for event in events] if isinstance(events, list) else []
        return {key: _dumped(value) for key, value in document.items()}

    @classmethod
    def of_list(cls: type[Self], body: bytes, decoded: list[Any]) -> list[bytes]:
        """The items of a JSON array, byte for byte."""
        try:
            return [bytes(item) for item in _items.decode(body.removeprefix(documents.BOM))]
        except _UNDECODABLE:
            return [_dumped(item) for item in decoded]


def _dumped(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
