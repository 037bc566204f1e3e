"""What a client counts for its own three summaries, by the web SDK's formulas, in milliseconds.

Content time runs from Play to the next Pause, Content End or Session End, ads included unless told otherwise. An ad's
or a segment's own summary is due once, when it ends or is skipped.
"""

from dataclasses import dataclass, field
from typing import Any

from sessions_app.player.content import Ad, AdBreak, Segment


@dataclass(slots=True)
class Shown:
    """One ad or one segment while it runs, and how it ended."""

    of: Ad | Segment
    break_id: str | None
    started_at_ms: int
    ended_at_ms: int | None = None
    skipped: bool = False

    def end(self, at_ms: int, skipped: bool) -> None:
        self.ended_at_ms = at_ms
        self.skipped = skipped


@dataclass(slots=True)
class Tally:
    """Everything a Media Session Summary reports."""

    exclude_ad_breaks: bool = False
    started_at_ms: int = 0
    last_at_ms: int = 0
    content_ms: int = 0
    playing_since_ms: int | None = None
    resume_after_break: bool = False
    complete: bool = False
    ad_ms: int = 0
    ad_total: int = 0
    ad_ids: list[str] = field(default_factory=list)
    segment_total: int = 0
    ad_break: AdBreak | None = None
    ad: Shown | None = None
    segment: Shown | None = None

    def play(self, at_ms: int) -> None:
        self.stop(at_ms)
        self.playing_since_ms = at_ms

    def stop(self, at_ms: int) -> None:
        if self.playing_since_ms is not None:
            self.content_ms += at_ms - self.playing_since_ms
        self.playing_since_ms = None

    def start_break(self, ad_break: AdBreak, at_ms: int) -> None:
        self.ad_break = ad_break
        if self.exclude_ad_breaks and self.playing_since_ms is not None:
            self.stop(at_ms)
            self.resume_after_break = True

    def end_break(self, at_ms: int) -> None:
        self.ad_break = None
        if self.resume_after_break:
            self.playing_since_ms = at_ms
        self.resume_after_break = False

    def start_ad(self, ad: Ad, at_ms: int) -> None:
        self.ad = Shown(ad, self.ad_break.id if self.ad_break else None, at_ms)
        self.ad_total += 1
        if ad.id not in self.ad_ids:
            self.ad_ids.append(ad.id)

    def end_ad(self, at_ms: int, skipped: bool) -> None:
        if self.ad is not None and self.ad.ended_at_ms is None:
            self.ad.end(at_ms, skipped)
            self.ad_ms += at_ms - self.ad.started_at_ms

    def start_segment(self, segment: Segment, at_ms: int) -> None:
        self.segment = Shown(segment, None, at_ms)
        self.segment_total += 1

    def end_segment(self, at_ms: int, skipped: bool) -> None:
        if self.segment is not None and self.segment.ended_at_ms is None:
            self.segment.end(at_ms, skipped)

    def session_summary(self) -> dict[str, Any]:
        content_ms = self.content_ms
        if self.playing_since_ms is not None:
            content_ms += self.last_at_ms - self.playing_since_ms
        return {
            "media_session_start_time": self.started_at_ms,
            "media_session_end_time": self.last_at_ms,
            "media_time_spent": self.last_at_ms - self.started_at_ms,
            "media_content_time_spent": content_ms,
            "media_content_complete": self.complete,
            "media_session_segment_total": self.segment_total,
            "media_total_ad_time_spent": self.ad_ms,
            "media_ad_time_spent_rate": self.ad_ms / content_ms * 100 if content_ms else 0,
            "media_session_ad_total": self.ad_total,
            "media_session_ad_objects": list(self.ad_ids),
        }

    def ad_summary(self) -> dict[str, Any] | None:
        """The summary of the ad that ended last; None when none is due."""
        shown, self.ad = self.ad, None
        if shown is None or not isinstance(shown.of, Ad):
            return None
        ended_at_ms = self.last_at_ms if shown.ended_at_ms is None else shown.ended_at_ms
        return {
            **({"ad_break_id": shown.break_id} if shown.break_id else {}),
            "ad_content_id": shown.of.id,
            "ad_content_title": shown.of.title,
            "ad_content_start_time": shown.started_at_ms,
            "ad_content_end_time": ended_at_ms,
            "ad_skipped": shown.skipped,
            "ad_completed": not shown.skipped and shown.ended_at_ms is not None,
        }

    def segment_summary(self) -> dict[str, Any] | None:
        """The summary of the segment that ended last; None when none is due."""
        shown, self.segment = self.segment, None
        if shown is None or not isinstance(shown.of, Segment):
            return None
        ended_at_ms = self.last_at_ms if shown.ended_at_ms is None else shown.ended_at_ms
        return {
            "segment_index": shown.of.index,
            "segment_title": shown.of.title,
            "segment_start_time": shown.started_at_ms,
            "segment_end_time": ended_at_ms,
            "media_segment_time_spent": ended_at_ms - shown.started_at_ms,
            "segment_skipped": shown.skipped,
            "segment_completed": not shown.skipped and shown.ended_at_ms is not None,
        }
