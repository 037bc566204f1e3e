"""The requests of one transaction, sorted out by session: everything the store can know before it asks the database.

Events that stand in the group twice are told apart here: the same content again is a duplicate, other content under
the same key a conflict.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sessions_app.ingest.inputs import KnownInput
from sessions_app.ingest.received import Outcome, Received
from sessions_app.keys import key128
from sessions_app.wire.batch import Batch, Rejected, Reported
from sessions_app.wire.pieces import Pieces

NATIVE, BULK = "native", "bulk"
CONFLICT = "CONFLICT"
CONFLICT_MESSAGE = "This event's id was seen before with other content; the first one is kept."


@dataclass(slots=True)
class RawRow:
    """One batch as it will be kept, and which of its events turned out to be new."""

    received: Received
    batch: Batch
    outcome: Outcome
    index_in_request: int
    batch_key: str
    id: int = 0
    # The same bytes once more in this group: kept under the first one's id.
    twin_of: "RawRow | None" = None
    new_indexes: list[int] = field(default_factory=list)

    @property
    def place(self) -> tuple[int, str]:
        return self.received.source.id, self.batch_key

    @property
    def stored_id(self) -> int:
        return self.id if self.twin_of is None else self.twin_of.id

    @property
    def lane(self) -> str | None:
        """The viewer of this batch, for order; None when it names nobody."""
        viewer = self.batch.mpid or self.batch.device_id
        return key128(viewer) if viewer else None


Incoming = tuple[Reported, RawRow]


@dataclass(slots=True)
class SessionWork:
    """One media session's part of the group: what came, and its row once it is locked."""

    source: KnownInput
    media_session_id: str
    session_key: str
    received_at_ms: int
    # What may be new, by event key.
    incoming: dict[str, Incoming] = field(default_factory=dict)
    duplicates: int = 0
    quarantined: int = 0
    id: int = 0
    row: Any = None
    fold: Any = None
    is_new: bool = False

    @property
    def place(self) -> tuple[int, str]:
        return self.source.id, self.session_key


@dataclass(slots=True)
class Held:
    """One thing for the quarantine."""

    received: Received
    outcome: Outcome
    code: str
    message: str
    # Where in `raw`.
    pointer: str
    raw: bytes
    raw_key: str
    event_name: str | None = None
    media_session_id: str | None = None


class Group:
    """Requests that will share one transaction."""

    def __init__(
        self, requests: Iterable[Received], is_erased: Callable[[Received, Batch], bool], *, is_cautious: bool
    ) -> None:
        self.is_erased = is_erased
        # Whether each COPY has a savepoint to go back to when it meets what is there already.
        self.is_cautious = is_cautious
        self.requests = tuple(requests)
        self.outcomes = [Outcome() for _ in self.requests]
        self.raws: dict[tuple[int, str], RawRow] = {}
        self.sessions: dict[tuple[int, str], SessionWork] = {}
        self.viewer_events: dict[tuple[int, str], Incoming] = {}
        self.held: list[Held] = []
        self.late: dict[int, int] = {}
        self.corrected: dict[int, int] = {}
        for received, outcome in zip(self.requests, self.outcomes, strict=True):
            self.take_in(received, outcome)

    def take_in(self, received: Received, outcome: Outcome) -> None:
        if received.fault is not None:
            fault = received.fault
            self.hold(
                Held(received, outcome, fault.code, fault.message, fault.pointer, received.body, key128(received.body)),
                None,
                fault.pointer,
            )
        for index, batch in enumerate(received.batches):
            if self.is_erased(received, batch):
                outcome.refused += batch.received
                continue
            if batch.reported:
                self.take_batch(received, outcome, index, batch)
            for rejected in batch.rejected:
                self.reject(received, outcome, index, rejected)

    def take_batch(self, received: Received, outcome: Outcome, index: int, batch: Batch) -> None:
        key = key128(batch.source_request_id or "", batch.raw)
        raw = RawRow(received, batch, outcome, index, key)
        first = self.raws.setdefault(raw.place, raw)
        if first is not raw:
            raw.twin_of = first
        work: SessionWork | None = None
        for reported in batch.reported:
            session_id = reported.media_session_id
            if session_id is None:
                self.sort_in(self.viewer_events, (received.source.id, reported.event.key), (reported, raw), None)
                continue
            if work is None or work.media_session_id != session_id:
                work = self.session(received, session_id)
            self.sort_in(work.incoming, reported.event.key, (reported, raw), work)

    def session(self, received: Received, media_session_id: str) -> SessionWork:
        place = (received.source.id, media_session_id)
        work = self.sessions.get(place)
        if work is None:
            work = SessionWork(received.source, media_session_id, key128(media_session_id), received.received_at_ms)
            self.sessions[place] = work
        return work

    def sort_in(self, into: dict, key: Any, incoming: Incoming, work: SessionWork | None) -> None:
        first = into.setdefault(key, incoming)
        if first is incoming:
            return
        if first[0].content_hash == incoming[0].content_hash:
            self.is_duplicate(incoming, work)
        else:
            self.conflicts(incoming, work)

    def is_duplicate(self, incoming: Incoming, work: SessionWork | None) -> None:
        incoming[1].outcome.duplicates += 1
        if work is not None:
            work.duplicates += 1

    def conflicts(self, incoming: Incoming, work: SessionWork | None) -> None:
        reported, raw = incoming
        index = reported.event.index_in_batch
        events_key = events_key_of(raw.received)
        key = key128(reported.event.key, str(reported.content_hash))
        self.hold(
            Held(
                raw.received, raw.outcome, CONFLICT, CONFLICT_MESSAGE, f"/{events_key}/0",
                Pieces(raw.batch.raw, events_key).alone(index), key, reported.event.name, reported.media_session_id,
            ),
            index,
            in_request(raw.received, raw.index_in_request, f"/{events_key}/{index}"),
        )  # fmt: skip
        if work is not None:
            work.quarantined += 1

    def reject(self, received: Received, outcome: Outcome, batch_index: int, rejected: Rejected) -> None:
        self.hold(
            Held(
                received, outcome, rejected.code, rejected.message, when_alone(received, rejected), rejected.raw,
                key128(rejected.raw), rejected.event_name, rejected.media_session_id,
            ),
            rejected.index,
            in_request(received, batch_index, rejected.pointer),
        )  # fmt: skip
        known = self.sessions.get((received.source.id, rejected.media_session_id or ""))
        if known is not None:
            known.quarantined += 1

    def hold(self, held: Held, index: int | None, pointer: str) -> None:
        """For the quarantine; index and pointer are what the client is told, in the request it sent."""
        held.outcome.quarantined += 1
        held.outcome.report(held.code, held.message, index, pointer)
        self.held.append(held)

    def locked_in_order(self) -> list[SessionWork]:
        """The sessions in the one order in which every writer touches them."""
        return sorted(self.sessions.values(), key=lambda work: work.place)


def events_key_of(received: Received) -> str:
    return "msgs" if received.door == NATIVE else "events"


def in_request(received: Received, batch_index: int, pointer: str) -> str:
    """A pointer into one batch as a pointer into the request that brought it."""
    return f"/{batch_index}{pointer}" if received.door == BULK else pointer


def when_alone(received: Received, rejected: Rejected) -> str:
    """The same place once the event is the only one of its batch: alike faults of a batch are one group."""
    place = f"/{events_key_of(received)}/"
    sent_as = f"{place}{rejected.index}"
    if not rejected.pointer.startswith(sent_as):
        return rejected.pointer
    return f"{place}0{rejected.pointer.removeprefix(sent_as)}"
