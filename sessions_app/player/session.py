"""A media session with the Media SDK's own calls, in snake_case: one call for each thing a player does.

Every call makes one custom event of type media, in the Events API's words, and hands it to `log`; a transport's `add`
is such a function, a list's `append` another. Sessions keep no clock and no randomness of their own when given them.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Self

from sessions_app.player.content import Ad, AdBreak, Options, QoS, Segment
from sessions_app.player.tally import Tally

Event = dict[str, Any]
NO_OPTIONS = Options()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def new_id() -> str:
    return str(uuid.uuid4())


class MediaSession:
    """One piece of content played once. Make one with `build`, start it, log what happens, end it."""

    def __init__(
        self,
        content: Mapping[str, Any],
        log: Callable[[Event], Any],
        *,
        custom_attributes: Mapping[str, Any] | None = None,
        automatic_summaries: bool = True,
        exclude_ad_breaks_from_content_time: bool = False,
        media_content_complete_limit: int = 100,
        now: Callable[[], int] = now_ms,
        new_id: Callable[[], str] = new_id,
    ) -> None:
        self.content = dict(content)
        self.custom_attributes = dict(custom_attributes or {})
        self.automatic_summaries = automatic_summaries
        self.media_content_complete_limit = media_content_complete_limit
        self.media_session_id = new_id()
        self.session_uuid = new_id()
        self.current_playhead_position: int | None = None
        self.events: list[Event] = []
        self._log = log
        self._now = now
        self._new_id = new_id
        self._tally = Tally(exclude_ad_breaks_from_content_time, now(), now())
        self._summarized = False

    @classmethod
    def build(
        cls,
        content_id: str,
        title: str,
        content_type: str = "Video",
        stream_type: str = "OnDemand",
        duration: int | None = None,
        *,
        log: Callable[[Event], Any] | None = None,
        **settings: Any,
    ) -> Self:
        """A session for this content; duration in ms, None for a live stream. Without `log` see `events`."""
        content: dict[str, Any] = {
            "content_id": content_id,
            "content_title": title,
            "content_type": content_type,
            "stream_type": stream_type,
        }
        if duration is not None:
            content["content_duration"] = duration
        kept: list[Event] = []
        session = cls(content, log or kept.append, **settings)
        session.events = kept
        return session

    def log_media_session_start(self, options: Options = NO_OPTIONS) -> None:
        self._tally.started_at_ms = self._now()
        self._event("Media Session Start", {}, options)

    def log_media_session_end(self, options: Options = NO_OPTIONS) -> None:
        at_ms = self._event("Media Session End", {}, options)
        self._tally.stop(at_ms)
        if self.automatic_summaries:
            self.log_media_session_summary()

    def log_play(self, options: Options = NO_OPTIONS) -> None:
        self._tally.play(self._event("Play", {}, options))

    def log_pause(self, options: Options = NO_OPTIONS) -> None:
        self._tally.stop(self._event("Pause", {}, options))

    def log_media_content_end(self, options: Options = NO_OPTIONS) -> None:
        self._tally.stop(self._event("Media Content End", {}, options))
        self._tally.complete = True

    def log_seek_start(self, position: int, options: Options = NO_OPTIONS) -> None:
        self._event("Seek Start", {"seek_position": position}, options)

    def log_seek_end(self, position: int, options: Options = NO_OPTIONS) -> None:
        self._event("Seek End", {"seek_position": position}, options)

    def log_buffer_start(
        self, duration: int = 0, percent: float = 0, position: int = 0, options: Options = NO_OPTIONS
    ) -> None:
        self._event("Buffer Start", _buffer(duration, percent, position), options)

    def log_buffer_end(
        self, duration: int = 0, percent: float = 1, position: int = 0, options: Options = NO_OPTIONS
    ) -> None:
        self._event("Buffer End", _buffer(duration, percent, position), options)

    def log_playhead_position(self, position: int, options: Options = NO_OPTIONS) -> None:
        self._set_playhead(position)
        self._event("Update Playhead Position", {}, options)

    def log_ad_break_start(self, ad_break: AdBreak, options: Options = NO_OPTIONS) -> None:
        self._tally.start_break(ad_break, self._event("Ad Break Start", ad_break.attributes(), options))

    def log_ad_break_end(self, options: Options = NO_OPTIONS) -> None:
        current = self._tally.ad_break
        self._tally.end_break(self._event("Ad Break End", current.attributes() if current else {}, options))

    def log_ad_start(self, ad: Ad, options: Options = NO_OPTIONS) -> None:
        self._tally.start_ad(ad, self._event("Ad Start", ad.attributes(), options))

    def log_ad_click(self, ad: Ad | None = None, options: Options = NO_OPTIONS) -> None:
        """A click on the running ad, or on the one named."""
        self._event("Ad Click", ad.attributes() if ad else self._ad_attributes(), options)

    def log_ad_end(self, options: Options = NO_OPTIONS) -> None:
        self._end_ad("Ad End", options, skipped=False)

    def log_ad_skip(self, options: Options = NO_OPTIONS) -> None:
        self._end_ad("Ad Skip", options, skipped=True)

    def log_segment_start(self, segment: Segment, options: Options = NO_OPTIONS) -> None:
        self._tally.start_segment(segment, self._event("Segment Start", segment.attributes(), options))

    def log_segment_end(self, options: Options = NO_OPTIONS) -> None:
        self._end_segment("Segment End", options, skipped=False)

    def log_segment_skip(self, options: Options = NO_OPTIONS) -> None:
        self._end_segment("Segment Skip", options, skipped=True)

    def log_qos(self, qos: QoS, options: Options = NO_OPTIONS) -> None:
        self._event("Update QoS", qos.attributes(), options)

    log_update_qos = log_qos

    def log_media_session_summary(self, options: Options = NO_OPTIONS) -> None:
        """The session's summary, once."""
        if not self._summarized:
            self._summarized = True
            self._event("Media Session Summary", self._tally.session_summary(), options, summary=True)

    def log_ad_summary(self, options: Options = NO_OPTIONS) -> None:
        """The summary of the latest ad; once per ad."""
        summary = self._tally.ad_summary()
        if summary is not None:
            self._event("Ad Session Summary", summary, options, summary=True)

    def log_segment_summary(self, options: Options = NO_OPTIONS) -> None:
        """The summary of the latest segment; once per segment."""
        summary = self._tally.segment_summary()
        if summary is not None:
            self._event("Segment Session Summary", summary, options, summary=True)

    def log_custom_event(self, name: str, options: Options = NO_OPTIONS) -> None:
        """An event of the application's own, with the session's attributes."""
        self._event(name, {}, options)

    def log_error(self, message: str, options: Options = NO_OPTIONS) -> None:
        self._event("Error", {"error_message": message}, options)

    def build_media_event(self, name: str, options: Options = NO_OPTIONS) -> Event:
        """The same event as `log_custom_event`, not logged: for the caller to change and send."""
        if options.current_playhead_position is not None:
            self._set_playhead(options.current_playhead_position)
        return self._made(name, self._attributes({}, options), self._now())

    def _event(self, name: str, own: Mapping[str, Any], options: Options, summary: bool = False) -> int:
        """Log one event; returns its time. A summary is no evidence of viewing and moves no clock."""
        if options.current_playhead_position is not None:
            self._set_playhead(options.current_playhead_position)
        at_ms = self._now()
        if not summary:
            self._tally.last_at_ms = at_ms
        self._log(self._made(name, self._attributes(own, options), at_ms))
        return at_ms

    def _attributes(self, own: Mapping[str, Any], options: Options) -> dict[str, Any]:
        attributes = {"media_session_id": self.media_session_id, **self.content, **self.custom_attributes}
        if self.current_playhead_position is not None:
            attributes["playhead_position"] = self.current_playhead_position
        return {**attributes, **own, **options.custom_attributes}

    def _made(self, name: str, attributes: dict[str, Any], at_ms: int) -> Event:
        return {
            "event_type": "custom_event",
            "data": {
                "custom_event_type": "media",
                "event_name": name,
                "timestamp_unixtime_ms": at_ms,
                "source_message_id": self._new_id(),
                "session_uuid": self.session_uuid,
                "custom_attributes": attributes,
            },
        }

    def _set_playhead(self, position: int) -> None:
        self.current_playhead_position = position
        duration = self.content.get("content_duration")
        limit = self.media_content_complete_limit
        if duration and limit < 100 and position >= duration * limit / 100:
            self._tally.complete = True

    def _ad_attributes(self) -> dict[str, Any]:
        return self._tally.ad.of.attributes() if self._tally.ad else {}

    def _end_ad(self, name: str, options: Options, skipped: bool) -> None:
        self._tally.end_ad(self._event(name, self._ad_attributes(), options), skipped)
        if self.automatic_summaries:
            self.log_ad_summary()

    def _end_segment(self, name: str, options: Options, skipped: bool) -> None:
        attributes = self._tally.segment.of.attributes() if self._tally.segment else {}
        self._tally.end_segment(self._event(name, attributes, options), skipped)
        if self.automatic_summaries:
            self.log_segment_summary()


def _buffer(duration: int, percent: float, position: int) -> dict[str, Any]:
    return {"buffer_duration": duration, "buffer_percent": percent, "buffer_position": position}
