"""What one request is on its way from a door to the store, and what became of it.

`Received` is filled by the door and never changed after; `Outcome` is counted up by the store inside the transaction
and answered to the client after the commit.
"""

from dataclasses import dataclass, field
from typing import Any

from sessions_app.ingest.inputs import KnownInput
from sessions_app.wire.batch import Batch

# Errors named in one answer; the rest are only counted.
MOST_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a whole body could not be read."""

    code: str
    message: str
    pointer: str = ""


@dataclass(slots=True)
class Outcome:
    """received = accepted + duplicates + quarantined + refused."""

    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    # Not kept: an erased viewer's, or more than the quarantine takes.
    refused: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def report(self, code: str, message: str, index: int | None, pointer: str) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"code": code, "message": message, "index": index, "pointer": pointer})


@dataclass(frozen=True, slots=True)
class Received:
    """One request let in: its batches, or the fault that kept them from being read."""

    source: KnownInput
    door: str
    # JSON text of the headers that help to explain a batch.
    headers: bytes
    received_at_ms: int
    body: bytes
    batches: tuple[Batch, ...] = ()
    fault: Fault | None = None

    @property
    def event_count(self) -> int:
        return sum(batch.received for batch in self.batches)
