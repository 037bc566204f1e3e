"""What a browser may say on a websocket: `{"ack": seq}` and `{"resume": seq}`, nothing else. Pure.

Whatever else arrives is refused with a code and a sentence; the socket stays open unless it goes on like that.
"""

from typing import Any, NamedTuple

import msgspec

LARGEST_SEQ = 2**63 - 1
LONGEST_TEXT = 4096


class Said(NamedTuple):
    """One understood message: `verb` is "ack" or "resume"."""

    verb: str
    seq: int


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """What was said could not be meant."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read(text: str) -> Said:
    if len(text) > LONGEST_TEXT:
        raise Refused("TOO_LARGE", f"A message has at most {LONGEST_TEXT} characters.")
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise Refused("INVALID_JSON", "The message is not JSON.") from None
    if not isinstance(message, dict) or len(message) != 1:
        raise Refused("UNKNOWN_MESSAGE", 'Say {"ack": seq} or {"resume": seq}.')
    (verb, value), *_ = message.items()
    if verb not in ("ack", "resume"):
        raise Refused("UNKNOWN_MESSAGE", 'Say {"ack": seq} or {"resume": seq}.')
    return Said(verb, seq_of(value, verb))


def seq_of(value: Any, name: str) -> int:
    """A sequence number: a whole number from 0 to 2^63 - 1."""
    if type(value) is not int or not 0 <= value <= LARGEST_SEQ:
        raise Refused("INVALID_SEQ", f'"{name}" must be a whole number from 0 to 2^63 - 1.')
    return value


def seq_of_text(text: str, name: str) -> int:
    """The same out of a URL; plain digits only."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise Refused("INVALID_SEQ", f'"{name}" must be a whole number from 0 to 2^63 - 1.')
    return seq_of(int(text), name)


def error_text(refused: Refused) -> str:
    return msgspec.json.encode({"type": "error", "code": refused.code, "message": refused.message}).decode()
