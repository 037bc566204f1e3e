"""A payload as people read it: indented lines, the one that was complained about marked."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

# Beyond this a payload is a file, not something to read.
MOST_LINES = 400
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,}")
KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(: )(.*)$')


@dataclass(frozen=True)
class Line:
    """One line in its parts, so that names stand out; `is_marked` where the reason lies."""

    indent: str
    key: str
    rest: str
    is_marked: bool


def marked_lines(text: str, complaints: Iterable[str] = (), pointer: str = "") -> list[Line]:
    """The JSON text in lines. Marked are lines whose key a complaint names, or the last part of a JSON pointer."""
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pretty = text
    suspects = {word for complaint in complaints for word in WORD.findall(complaint)}
    if pointer:
        suspects = {pointer.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")}
    return [_line(raw, suspects) for raw in pretty.split("\n")[:MOST_LINES]]


def _line(raw: str, suspects: set[str]) -> Line:
    found = KEY.match(raw)
    if not found:
        return Line("", "", raw, False)
    indent, key, colon, rest = found.groups()
    return Line(indent, key, colon + rest, key.strip('"') in suspects)
