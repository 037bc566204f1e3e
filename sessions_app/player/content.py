"""What a player tells a MediaSession about: ad breaks, ads, segments, quality, and options of one call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def _given(**attributes: Any) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Options:
    """What any log call takes besides its own: the playhead, in ms, and attributes of this event alone."""

    current_playhead_position: int | None = None
    custom_attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdBreak:
    """A run of ads. duration: ms."""

    id: str
    title: str
    duration: int | None = None
    playback_time: int | None = None

    def attributes(self) -> dict[str, Any]:
        return _given(
            ad_break_id=self.id,
            ad_break_title=self.title,
            ad_break_duration=self.duration,
            ad_break_playback_time=self.playback_time,
        )


@dataclass(frozen=True, slots=True)
class Ad:
    """One ad. duration: ms; position: its index in the content."""

    id: str
    title: str
    duration: int | None = None
    advertiser: str | None = None
    campaign: str | None = None
    creative: str | None = None
    placement: str | None = None
    position: int | None = None
    site_id: str | None = None

    def attributes(self) -> dict[str, Any]:
        return _given(
            ad_content_id=self.id,
            ad_content_title=self.title,
            ad_content_duration=self.duration,
            ad_content_advertiser=self.advertiser,
            ad_content_campaign=self.campaign,
            ad_content_creative=self.creative,
            ad_content_placement=self.placement,
            ad_content_position=self.position,
            ad_content_site_id=self.site_id,
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A chapter. index counts from 0; duration: ms."""

    title: str
    index: int
    duration: int | None = None

    def attributes(self) -> dict[str, Any]:
        return _given(segment_title=self.title, segment_index=self.index, segment_duration=self.duration)


@dataclass(frozen=True, slots=True)
class QoS:
    """Quality as the player sees it now. startup_time: ms; dropped_frames: running total; bitrate: bits a second."""

    startup_time: int | None = None
    dropped_frames: int | None = None
    bitrate: int | None = None
    fps: float | None = None

    def attributes(self) -> dict[str, Any]:
        return _given(
            qos_bitrate=self.bitrate,
            qos_fps=self.fps,
            qos_startup_time=self.startup_time,
            qos_dropped_frames=self.dropped_frames,
        )
