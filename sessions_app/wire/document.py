"""Bytes to a JSON document, strictly, with a reason in words for every body that is none.

msgspec reads what is ordinary. What it refuses but JSON allows (a lone surrogate, a number beyond 64 bits) is read
again by the standard library, so that one odd value costs one event and not the batch.
"""

import json
import math
import re
from typing import Any, NamedTuple

import msgspec

from sessions_app.wire.batch import WireError

BOM = b"\xef\xbb\xbf"
MAX_DEPTH = 64
_LONGEST_INTEGER = 40
_EXCEPT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class Document(NamedTuple):
    """A decoded body. odd: it may hold text Postgres cannot, so every event is looked at."""

    value: Any
    odd: bool


def read(body: bytes) -> Document:
    """The JSON document in a body, or WireError."""
    if body.startswith(BOM):
        body = body[len(BOM) :]
    if _is_too_deep(body):
        raise WireError("TOO_DEEP", f"The JSON nests deeper than {MAX_DEPTH} levels: depth is limited.")
    try:
        # Looking for the backslash alone first is twenty times as fast, and most bodies have none.
        return Document(_DECODER.decode(body), b"\\" in body and b"\\u0000" in body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Document(_read_oddities(body), True)


def _finite(digits: str) -> float | str:
    """1e999 is a number to JSON and infinity to Python: it stays text."""
    value = float(digits)
    return value if math.isfinite(value) else digits


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")


_DECODER = msgspec.json.Decoder(float_hook=_finite)


def _read_oddities(body: bytes) -> Any:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise WireError("INVALID_ENCODING", f"The body is not UTF-8: see byte {error.start}.") from None
    try:
        return json.loads(text, parse_float=_finite, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError:
        raise WireError("TOO_DEEP", "The JSON nests too deep: depth is limited.") from None
    except ValueError as error:
        raise WireError("INVALID_JSON", f"The body is not valid JSON: {error}.") from None


def _is_too_deep(body: bytes) -> bool:
    """Whether brackets nest beyond MAX_DEPTH. Cheap for ordinary bodies, exact for suspicious ones."""
    brackets = body.translate(None, _EXCEPT_BRACKETS)
    return _nesting_exceeds(brackets) and _nesting_exceeds(
        _JSON_STRING.sub(b"", body).translate(None, _EXCEPT_BRACKETS)
    )


def _nesting_exceeds(brackets: bytes) -> bool:
    """Peel the innermost pairs off, once per level; brackets that never pair count as nested."""
    for _ in range(MAX_DEPTH):
        peeled = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if peeled == brackets:
            break
        brackets = peeled
    return len(brackets) > MAX_DEPTH
