"""A session that happened, played once more: its events with new times, a new session id and nobody's name.

`Score.due_ms` says when an event happens again, `Score.event` is that event for the Events API. Both depend on nothing
but the score: an event that is sent twice is byte for byte the same and stored once. Times of the clock are moved and
shortened by the speed, also the ones a client reports in its summaries; places in the content stay where they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sessions_app.keys import key128
from sessions_app.player.session import Event
from sessions_app.player.transport import Uploader
from sessions_app.wire import vocabulary

SUMMARIES = frozenset((*vocabulary.EVENT_ALIASES.values(), "Media Session Summary"))
# An mpid is a signed 64-bit number.
LARGEST_MPID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Past:
    """One event as it was stored: canonical name and attributes, device clock already set right."""

    key: str
    name: str
    at_ms: int
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """How one session is played again: from when, how fast, under which name. `events` in the timeline's order."""

    events: Sequence[Past]
    media_session_id: str
    starts_at_ms: int
    speed: int
    platform: str

    def due_ms(self, index: int) -> int:
        return self.moved(self.events[index].at_ms)

    def moved(self, at_ms: int) -> int:
        """A moment of then, now."""
        return self.starts_at_ms + max(0, at_ms - self.events[0].at_ms) // self.speed

    def event(self, index: int) -> Event:
        past = self.events[index]
        return {
            "event_type": "custom_event",
            "data": {
                "custom_event_type": "media",
                "event_name": past.name,
                "timestamp_unixtime_ms": self.moved(past.at_ms),
                "source_message_id": key128(self.media_session_id, past.key),
                "custom_attributes": self.attributes(past),
            },
        }

    def attributes(self, past: Past) -> dict[str, Any]:
        attributes = {name: self.value(name, value, past.name) for name, value in past.attributes.items()}
        return {**attributes, "media_session_id": self.media_session_id}

    def value(self, name: str, value: Any, event_name: str) -> Any:
        if type(value) is not int:
            return value
        if name in vocabulary.MOMENTS:
            return self.moved(value)
        if name in vocabulary.TIMES_SPENT and event_name in SUMMARIES:
            spent_ms = value / self.speed
            return spent_ms / 1000 if self.platform in vocabulary.SECONDS_PLATFORMS else round(spent_ms)
        return value


def nobody(media_session_id: str, *, platform: str, os: str, device: str, sdk_version: str) -> Uploader:
    """The device of then in the hands of an invented viewer, one for each replay."""
    return Uploader(
        mpid=str(int(key128("mpid", media_session_id), 16) % LARGEST_MPID + 1),
        device_info=device_info(platform, os, device),
        sdk_version=sdk_version,
    )


def device_info(platform: str, os: str, device: str) -> dict[str, str]:
    """What the wire reads as this platform, operating system and device again ("iOS 19.1" is a name and a version)."""
    name, _, version = os.rpartition(" ")
    if name.lower().replace("_", "") != platform:
        name, version = platform, ""
    return {"platform": name, "os_version": version, "device_model": device}
