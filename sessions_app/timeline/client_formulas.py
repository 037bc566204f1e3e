"""What a client's media SDK would have counted over the events we saw, rightly and by its known faults.

A formula a field, and beside the right value those a faulty version sends, each
with its cause in words.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sessions_app.timeline import events
from sessions_app.timeline.events import Event, amount, text
from sessions_app.timeline.spans import Timeline

SUMMARIES_ONLY = "The client sends only its summaries (its default), so there are no events to count."
AT_BUILD = "This SDK takes the start when the session object is made, before Media Session Start."
TO_LAST_EVENT = "Older SDKs measure up to the last event instead of the summary."
CONTENT_RAN_ON = (
    "The client's clock ran on after Media Content End (web before 1.4.9, Android before 1.5.5, iOS before 1.5.2)."
)
STOPPED_AT_BREAK = (
    "The client stopped counting at Ad Break Start until the next Play: its option to exclude ad breaks is inverted."
)
NO_BREAKS = "The client leaves ad breaks out of content time (excludeAdBreaksFromContentTime)."
ONLY_IN_SCENEGRAPH = "Roku counts content time only in the SceneGraph API."
DOUBLED = "The client adds each ad's time twice, when it ends and in its summary."
APP_SET = "On Roku the app sets this value; the SDK does not count it."
FOLLOWS = "Follows from the ad and content times above."
NO_CONTENT = "There was no content time to divide by."
ONLY_CONTENT_END = "The client counts only Media Content End; ours also counts a playhead at the complete limit."
WHOLE_PERCENT = "iOS compares whole numbers: in effect the playhead must reach the duration."
LOWER_LIMIT = "The app's own limit for complete content is lower than ours."
NO_BUILDER = "Android counts segments only when the session is built by the Kotlin overload."
WHOLE_SECONDS = "This SDK writes whole seconds."
FRESH_AD = "logAdClick with a new ad object makes the web SDK forget when the ad started."
NO_ARRAYS = "The web SDK strips lists from its events."


class Formula(NamedTuple):
    """A value, and why a client would send it although it is not the right one."""

    value: Any
    cause: str | None = None


class SessionFormulas:
    """What a client that saw these events would have counted, rightly and wrongly."""

    def __init__(self, timeline: Timeline, seen: list[Event], summary: Event, platform: str) -> None:
        self.timeline, self.seen, self.summary, self.platform = timeline, seen, summary, platform
        logged = [event for event in seen if event.name not in events.SUMMARIES]
        starts = [event for event in logged if event.name == events.MEDIA_SESSION_START]
        self.start_ms = (starts or logged or [summary])[0].at_ms
        self.last_ms = logged[-1].at_ms if logged else summary.at_ms
        self.built_ms = amount(summary.attributes, "media_session_start_time")

    def tolerance_ms(self, field: str) -> int:
        """Clients' clocks are read a moment before the event is made; Android drops the parts of a second."""
        if self.platform == "android" and field.endswith("_spent"):
            return 999 * max(1, sum(event.name in (events.PLAY, events.AD_START) for event in self.seen))
        return 1 if field.endswith(("_spent", "_time")) else 0

    def start(self) -> list[Formula]:
        at_build = [Formula(self.built_ms, AT_BUILD)] if self.platform in ("roku", "ios") else []
        return [Formula(self.start_ms), *at_build]

    def end(self) -> list[Formula]:
        # Roku bumps the end with every call, its summary's included.
        return [Formula(self.summary.at_ms if self.platform == "roku" else self.last_ms)]

    def time_spent(self) -> list[Formula]:
        counts_from_build = self.platform in ("roku", "ios") and self.built_ms is not None
        start_ms = (self.built_ms if counts_from_build else None) or self.start_ms
        return [
            Formula(max(0, self.summary.at_ms - start_ms)),
            Formula(max(0, self.last_ms - self.start_ms), TO_LAST_EVENT),
        ]

    def content(self) -> list[Formula]:
        until_ms = self.summary.at_ms
        faults = [
            Formula(content_clock(self.seen, until_ms, content_end_stops=False), CONTENT_RAN_ON),
            Formula(content_clock(self.seen, until_ms, at_break="stops"), STOPPED_AT_BREAK),
            Formula(content_clock(self.seen, until_ms, at_break="pauses"), NO_BREAKS),
        ]
        if self.platform == "roku":
            faults.append(Formula(0, ONLY_IN_SCENEGRAPH))
        return [Formula(content_clock(self.seen, until_ms)), *faults]

    def complete(self) -> list[Formula]:
        ended = any(event.name == events.MEDIA_CONTENT_END for event in self.seen)
        reached = self.timeline.state.reached_end
        if reached and not ended:
            return [Formula(reached), Formula(ended, WHOLE_PERCENT if self.platform == "ios" else ONLY_CONTENT_END)]
        return [Formula(ended), Formula(not ended, LOWER_LIMIT if not ended else None)]

    def segments(self) -> list[Formula]:
        count = sum(event.name == events.SEGMENT_START for event in self.seen)
        return [Formula(count), *([Formula(0, NO_BUILDER)] if self.platform == "android" else [])]

    def ad_time_ms(self) -> int:
        return sum(
            ad["end_ms"] - ad["start_ms"]
            for ad in self.timeline.lanes["ad"]
            if ad["result"] in ("completed", "skipped") and ad["end_ms"] <= self.summary.at_ms
        )

    def ad_time(self) -> list[Formula]:
        return [Formula(self.ad_time_ms()), Formula(2 * self.ad_time_ms(), DOUBLED)]

    def ad_rate(self) -> list[Formula]:
        right_ms = content_clock(self.seen, self.summary.at_ms)
        formulas = [Formula(round(self.ad_time_ms() / right_ms * 100, 2) if right_ms else None)]
        told = self.summary.attributes
        ads_ms, content_ms = amount(told, "media_total_ad_time_spent"), amount(told, "media_content_time_spent")
        if ads_ms is not None and content_ms:
            formulas.append(Formula(round(ads_ms / content_ms * 100, 2), FOLLOWS))
        elif content_ms == 0:
            formulas.append(Formula(told.get("media_ad_time_spent_rate"), NO_CONTENT))
        return formulas

    def ads(self) -> list[Formula]:
        return [Formula(sum(event.name == events.AD_START for event in self.seen))]

    def ad_objects(self) -> list[Formula]:
        ids = [text(event.attributes, "ad_content_id") for event in self.seen if event.name == events.AD_START]
        return [Formula(list(dict.fromkeys(one for one in ids if one)))]


SESSION_FIELDS = {
    "media_session_start_time": SessionFormulas.start,
    "media_session_end_time": SessionFormulas.end,
    "media_time_spent": SessionFormulas.time_spent,
    "media_content_time_spent": SessionFormulas.content,
    "media_content_complete": SessionFormulas.complete,
    "media_session_segment_total": SessionFormulas.segments,
    "media_total_ad_time_spent": SessionFormulas.ad_time,
    "media_ad_time_spent_rate": SessionFormulas.ad_rate,
    "media_session_ad_total": SessionFormulas.ads,
    "media_session_ad_objects": SessionFormulas.ad_objects,
}


def content_clock(
    seen: Iterable[Event], until_ms: int, content_end_stops: bool = True, at_break: str = "counts"
) -> int:
    """Σ from Play to what stops the clock. An ad break counts, stops it until the next Play, or pauses it."""
    stops = {events.PAUSE, events.MEDIA_SESSION_END} | ({events.MEDIA_CONTENT_END} if content_end_stops else set())
    total_ms, since_ms, resumes = 0, None, False
    for event in seen:
        starts = event.name == events.PLAY or (event.name == events.AD_BREAK_END and resumes)
        breaks = event.name == events.AD_BREAK_START and at_break != "counts"
        if starts:
            since_ms = event.at_ms if since_ms is None else since_ms
            resumes = False
        elif event.name in stops or breaks:
            resumes = breaks and at_break == "pauses" and since_ms is not None
            if since_ms is not None:
                total_ms += event.at_ms - since_ms
            since_ms = None
    return total_ms + (max(0, until_ms - since_ms) if since_ms is not None else 0)
