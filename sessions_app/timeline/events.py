"""The words of the timeline: one event, and the names that mean something to it.

`Event` is what the wire's many dialects end in: canonical name, canonical attribute names, whole milliseconds. The
rest of this package speaks nothing else. Attribute values that could not be read as what their name promises were
left as sent; `number`, `text` and `flag` give None for them instead of guessing.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

MEDIA_SESSION_START = "Media Session Start"
MEDIA_SESSION_END = "Media Session End"
MEDIA_CONTENT_END = "Media Content End"
PLAY = "Play"
PAUSE = "Pause"
SEEK_START = "Seek Start"
SEEK_END = "Seek End"
BUFFER_START = "Buffer Start"
BUFFER_END = "Buffer End"
UPDATE_PLAYHEAD_POSITION = "Update Playhead Position"
AD_CLICK = "Ad Click"
AD_BREAK_START = "Ad Break Start"
AD_BREAK_END = "Ad Break End"
AD_START = "Ad Start"
AD_END = "Ad End"
AD_SKIP = "Ad Skip"
SEGMENT_START = "Segment Start"
SEGMENT_END = "Segment End"
SEGMENT_SKIP = "Segment Skip"
UPDATE_QOS = "Update QoS"
MEDIA_SESSION_SUMMARY = "Media Session Summary"
AD_SESSION_SUMMARY = "Ad Session Summary"
SEGMENT_SESSION_SUMMARY = "Segment Session Summary"

# In the order in which equal times from different batches are read: what opens before what closes.
MEANING_RANK = {
    name: rank
    for rank, name in enumerate(
        (
            MEDIA_SESSION_START,
            AD_BREAK_START,
            SEGMENT_START,
            AD_START,
            PLAY,
            SEEK_START,
            SEEK_END,
            BUFFER_START,
            BUFFER_END,
            UPDATE_PLAYHEAD_POSITION,
            UPDATE_QOS,
            AD_CLICK,
            PAUSE,
            AD_SKIP,
            AD_END,
            AD_BREAK_END,
            SEGMENT_SKIP,
            SEGMENT_END,
            MEDIA_CONTENT_END,
            MEDIA_SESSION_END,
            AD_SESSION_SUMMARY,
            SEGMENT_SESSION_SUMMARY,
            MEDIA_SESSION_SUMMARY,
        )
    )
}
# Custom events stand between what opens and what closes.
CUSTOM_RANK = MEANING_RANK[AD_CLICK]

NAMES = frozenset(MEANING_RANK)
SUMMARIES = frozenset((MEDIA_SESSION_SUMMARY, AD_SESSION_SUMMARY, SEGMENT_SESSION_SUMMARY))


class Event(NamedTuple):
    """One event of a media session.

    key: 32 hex digits, the same for every copy of the event. at_ms: device clock as sent. batch_at_ms: device clock
    when its batch was sent. received_at_ms: our clock when the first copy arrived. seq: place in order of arrival,
    0 when not stored yet; no number of the timeline depends on it. clock_corrected: `at_ms` was impossible and has
    been moved (`clocks.place`).
    """

    key: str
    name: str
    at_ms: int
    batch_at_ms: int
    index_in_batch: int
    received_at_ms: int
    attributes: Mapping[str, Any]
    seq: int = 0
    clock_corrected: bool = False

    def order(self) -> tuple[int, int, int, int, str]:
        """What events are sorted by: taken from the event alone, so that every order of arrival ends the same."""
        rank = MEANING_RANK.get(self.name, CUSTOM_RANK)
        return self.at_ms, self.batch_at_ms, self.index_in_batch, rank, self.key


def number(attributes: Mapping[str, Any], name: str) -> int | None:
    """A whole number, or None when absent or not readable as one."""
    value = attributes.get(name)
    if type(value) is int:
        return value
    return round(value) if type(value) is float and abs(value) < 1e18 else None  # NaN fails the comparison


def text(attributes: Mapping[str, Any], name: str) -> str | None:
    """A non-empty text, or None."""
    value = attributes.get(name)
    return value if type(value) is str and value else None


def flag(attributes: Mapping[str, Any], name: str) -> bool | None:
    value = attributes.get(name)
    return value if type(value) is bool else None


# Nothing a player measures is larger; what is, is nonsense and counts as not sent.
LARGEST_AMOUNT = 10**15


def amount(attributes: Mapping[str, Any], name: str) -> int | None:
    """A whole number that is not negative, or None: a duration, a position, a count."""
    value: int | None = attributes.get(name)
    if value is None:
        return None
    if type(value) is not int:
        value = number(attributes, name)
    return value if value is not None and 0 <= value <= LARGEST_AMOUNT else None
