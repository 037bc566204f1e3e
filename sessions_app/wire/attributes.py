"""One event's attributes: canonical keys and types out of whatever a client sent.

Known keys become what `vocabulary` says they are: whole milliseconds, numbers, booleans, text. A value that cannot be
read as that stays as it was sent; unknown keys are kept verbatim. Numbers are ASCII digits or nothing: Python would
also take "1_000", " 7 " and Arabic digits.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from sessions_app.timeline import events
from sessions_app.wire import vocabulary

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
_LARGEST = 10**15
# Browsers read numbers as doubles: a larger one travels as text, digit for digit.
_LARGEST_EXACT = 2**53
_DEEPEST = 32


class TooDeepError(Exception):
    """An attribute nests deeper than anybody could mean."""


class Canonical(NamedTuple):
    """Attributes in our words; changed when a key or a unit is not the one that was sent."""

    attributes: dict[str, Any]
    changed: bool


def canonical(sent: Mapping[str, Any], name: str, platform: str) -> Canonical:
    """The attributes of the event called `name` (canonical) that a client of this platform sent."""
    attributes = dict(sent)
    for key, value in sent.items():
        kind = type(value)
        if kind is str:
            if key in _OF_TEXT:
                attributes[key] = _OF_TEXT[key](value)
        elif kind is not int or key not in _WHOLE or not -_LARGEST_EXACT <= value <= _LARGEST_EXACT:
            attributes[key] = _READERS.get(key, verbatim)(value)
    changed = False
    if not _RENAMED.isdisjoint(sent):
        changed = _rename(attributes)
    if name in events.SUMMARIES:
        changed = _as_summary(attributes, sent, name, platform) or changed
    return Canonical(attributes, changed)


def whole(value: Any) -> Any:
    """A whole number, rounded; else the value as sent."""
    kind = type(value)
    if kind is str:
        if len(value) <= 15 and value.isascii() and value.isdigit():
            return int(value)
        return round(float(value)) if _NUMBER.fullmatch(value) else value
    if kind is float:
        return round(value) if abs(value) < _LARGEST else value
    return verbatim(value)


def verbatim(value: Any, depth: int = 0) -> Any:
    """The value as sent, with integers that JSON readers would round written as text."""
    kind = type(value)
    if kind is int:
        return value if -_LARGEST_EXACT <= value <= _LARGEST_EXACT else str(value)
    if kind is dict or kind is list:
        if depth > _DEEPEST:
            raise TooDeepError
        if kind is list:
            return [verbatim(item, depth + 1) for item in value]
        return {key: verbatim(item, depth + 1) for key, item in value.items()}
    return value


def _fraction(value: Any) -> Any:
    if type(value) is str:
        if not _NUMBER.fullmatch(value):
            return value
        value = float(value)
    if type(value) is float:
        return int(value) if value.is_integer() and abs(value) < _LARGEST else value
    return verbatim(value)


def _text(value: Any) -> Any:
    return str(value) if type(value) is int else verbatim(value)


def _flag(value: Any) -> Any:
    if type(value) is str:
        return {"true": True, "false": False}.get(value.lower(), value)
    return verbatim(value)


def moment(value: Any) -> Any:
    """Epoch milliseconds, from a number or RFC 3339; else the value as sent."""
    if type(value) is str and _RFC_3339.fullmatch(value):
        try:
            return round(datetime.fromisoformat(value).timestamp() * 1000)
        except ValueError:
            return value
    return whole(value)


def _ad_objects(value: Any) -> Any:
    """Roku writes JSON, Android `[a, b]`, iOS `a, b`; all of it means a list of ad ids."""
    if type(value) is str:
        listed = _json_list(value)
        if listed is None:
            listed = [part for part in value.strip("[]").split(", ") if part]
        value = listed
    if type(value) is not list:
        return verbatim(value)
    return [str(item) if type(item) is int else verbatim(item) for item in value]


def _json_list(text: str) -> list[Any] | None:
    try:
        value = msgspec.json.decode(text) if text.startswith("[") else None
    except (msgspec.MsgspecError, RecursionError):
        return None
    return value if type(value) is list else None


def _one_of(words: Mapping[str, str]) -> Callable[[Any], Any]:
    """The word in its documented spelling, whatever the case it came in; any other word as sent."""

    exact = frozenset(words.values())

    def read(value: Any) -> Any:
        if type(value) is not str:
            return _text(value)
        return value if value in exact else words.get(value.lower(), value)

    return read


def _rename(attributes: dict[str, Any]) -> bool:
    changed = False
    for old, new in vocabulary.ATTRIBUTE_ALIASES.items():
        if old in attributes and new not in attributes:
            attributes[new] = _READERS[new](attributes.pop(old))
            changed = True
    stream_type = attributes.get(vocabulary.STREAM_FORMAT)
    if "stream_type" not in attributes and type(stream_type) is str:
        stream_type = vocabulary.STREAM_TYPES.get(stream_type.lower())
        if stream_type is not None:
            attributes["stream_type"] = stream_type
            changed = True
    return changed


def _as_summary(attributes: dict[str, Any], sent: Mapping[str, Any], name: str, platform: str) -> bool:
    changed = any(type(sent.get(key)) is str and "T" in sent[key] for key in vocabulary.MOMENTS & attributes.keys())
    if not vocabulary.TIMES_SPENT.isdisjoint(attributes):
        seconds = _in_seconds(attributes, platform)
        for key in vocabulary.TIMES_SPENT & attributes.keys():
            attributes[key] = _spent(attributes[key], seconds)
        changed = changed or seconds
    return _set_content_id_right(attributes, name) or changed


def _spent(value: Any, seconds: bool) -> Any:
    number = _fraction(value)
    if type(number) is bool or not isinstance(number, int | float) or abs(number) >= _LARGEST:
        return value
    return round(number * 1000) if seconds else round(number)


def _in_seconds(attributes: Mapping[str, Any], platform: str) -> bool:
    """Whether times spent are in seconds: the platform's rule, else whichever unit fits the span beside them."""
    if platform in vocabulary.SECONDS_PLATFORMS:
        return True
    if platform in vocabulary.MILLISECONDS_PLATFORMS:
        return False
    for key, start, end in vocabulary.SPANS_OF_SUMMARIES:
        spent = _fraction(attributes.get(key))
        span = (attributes.get(start), attributes.get(end))
        if type(spent) in (int, float) and type(span[0]) is int and type(span[1]) is int:
            length = span[1] - span[0]
            return bool(abs(spent * 1000 - length) < abs(spent - length))
    return False


def _set_content_id_right(attributes: dict[str, Any], name: str) -> bool:
    """Old Apple and Android SDKs put the session's id where the content's belongs, or the content's id as a key."""
    if name == events.MEDIA_SESSION_SUMMARY:
        session_id = attributes.get("media_session_id")
        if session_id and attributes.get("content_id") == session_id:
            del attributes["content_id"]
            return True
    if name == events.SEGMENT_SESSION_SUMMARY and "content_id" not in attributes:
        stray = [key for key, value in attributes.items() if key and key == value]
        if len(stray) == 1:
            attributes["content_id"] = attributes.pop(stray[0])
            return True
    return False


_RENAMED = frozenset((*vocabulary.ATTRIBUTE_ALIASES, vocabulary.STREAM_FORMAT))
_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(vocabulary.TEXTS, _text),
    **dict.fromkeys(vocabulary.DURATIONS | vocabulary.COUNTS, whole),
    **dict.fromkeys(vocabulary.FRACTIONS, _fraction),
    **dict.fromkeys(vocabulary.FLAGS, _flag),
    **dict.fromkeys(vocabulary.MOMENTS, moment),
    vocabulary.AD_OBJECTS: _ad_objects,
    "content_type": _one_of(vocabulary.CONTENT_TYPES),
    "stream_type": _one_of(vocabulary.STREAM_TYPES),
}
# Whole numbers stay what they are here.
_WHOLE = vocabulary.DURATIONS | vocabulary.COUNTS | vocabulary.FRACTIONS | vocabulary.MOMENTS
# Most values are texts that stay what they are: for those no reader is called.
_OF_TEXT = {key: reader for key, reader in _READERS.items() if reader is not _text}
