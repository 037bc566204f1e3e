"""What reading a request ends in: a `Batch`, or a `WireError` that says why there is none.

A batch keeps its good events (`reported`) and its bad ones (`rejected`) side by side, each bad one with the reason
and with bytes that can be sent through the same door again. Events that are not media events are only counted.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sessions_app.timeline.events import Event


class WireError(Exception):
    """The whole body is unusable. `code` is one of the words of docs/wire.md, `pointer` where in the body."""

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.pointer = pointer


class Reported(NamedTuple):
    """One media event as a client reported it, in our words."""

    event: Event
    # None: the event named no session and belongs to the viewer alone.
    media_session_id: str | None
    attributes_json: bytes
    # As sent, when a unit or the name of a key was changed.
    sent_attributes_json: str | None
    # The first 8 bytes of blake2b over the canonical content, as Postgres' bigint.
    content_hash: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """One event (index), or one batch (None), that cannot be kept as what it claims to be.

    pointer: where in its batch, as the batch was sent.
    """

    index: int | None
    code: str
    message: str
    pointer: str
    raw: bytes
    event_name: str | None = None
    media_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: whose it is, what it came from, and its media events.

    mpid, device_id and identities are text, digit for digit as sent. environment: as sent, "" when it was none.
    platform: the client's word in lower case, else the input's.
    """

    source_request_id: str | None
    environment: str
    sent_at_ms: int | None
    mpid: str
    device_id: str
    identities: tuple[tuple[str, str], ...]
    platform: str
    device: str
    os: str
    sdk_version: str
    app_name: str
    app_version: str
    reported: tuple[Reported, ...]
    rejected: tuple[Rejected, ...]
    ignored: int
    raw: bytes

    @property
    def received(self) -> int:
        return len(self.reported) + len(self.rejected)
