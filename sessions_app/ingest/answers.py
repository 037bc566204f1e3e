"""What the doors answer: JSON always, in mParticle's own form for errors, readable by pages on the web's doors.

Clients act on the status alone, each in its own way (docs/wire.md): 202 with a JSON body is the only end of an upload
on all of them, and 429 or 503 must say in whole seconds when to come again.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from sessions_app.ingest.limits import retry_after
from sessions_app.ingest.received import Outcome

Header = tuple[bytes, bytes]
JSON: Header = (b"content-type", b"application/json")
# No credentials are ever asked for, so any page may read the answer.
CORS: tuple[Header, ...] = ((b"access-control-allow-origin", b"*"),)
PREFLIGHT: tuple[Header, ...] = (
    *CORS,
    (b"access-control-allow-headers", b"content-type,x-mp-key"),
    (b"access-control-max-age", b"7200"),
)
ACCEPTED_ENCODINGS: Header = (b"accept-encoding", b"gzip, identity")
ASK_BASIC: Header = (b"www-authenticate", b'Basic realm="mediadash", charset="UTF-8"')


class Answer(NamedTuple):
    status: int
    body: bytes = b"{}"
    headers: tuple[Header, ...] = ()


class RefusedError(Exception):
    """A request turned away: its answer, and for the notes why. `input_id` is set once the key is known."""

    def __init__(self, status: int, code: str, message: str, *headers: Header) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = headers
        self.input_id: int | None = None

    def answer(self) -> Answer:
        headers = self.headers
        if self.status in (429, 503):
            headers = (*headers, (b"retry-after", b"%d" % retry_after()))
        body = msgspec.json.encode({"errors": [{"code": self.code, "message": self.message}]})
        return Answer(self.status, body, headers)


def for_outcome(status: int, outcome: Outcome) -> Answer:
    """What became of the events, in numbers, with the reasons of those that were not stored."""
    if not (outcome.errors or outcome.duplicates or outcome.quarantined):
        return Answer(status, b'{"accepted":%d,"duplicates":0,"quarantined":0,"errors":[]}' % outcome.accepted)
    return Answer(
        status,
        msgspec.json.encode(
            {
                "accepted": outcome.accepted,
                "duplicates": outcome.duplicates,
                "quarantined": outcome.quarantined,
                "errors": outcome.errors,
            }
        ),
    )


def for_json(status: int, value: Any) -> Answer:
    return Answer(status, msgspec.json.encode(value))


def preflight(methods: Sequence[str]) -> Answer:
    return Answer(204, b"", (*PREFLIGHT[1:], (b"access-control-allow-methods", ",".join(methods).encode())))


async def send_answer(send: Any, answer: Answer, is_for_browsers: bool, with_body: bool = True) -> None:
    headers: list[Header] = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    if answer.body:
        headers.append(JSON)
    if is_for_browsers:
        headers.extend(CORS)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
