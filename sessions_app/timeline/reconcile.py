"""The client's own summaries beside ours: same formula, the difference, and its known cause.

Clients add up for themselves, each SDK with its own formulas and bugs. A row takes the value a correct client of
this platform would have sent by its own formula; when the client's differs, the known faults are tried in turn and
the one that gives the client's value is named. Nothing here is ever added to our numbers.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sessions_app.timeline import events
from sessions_app.timeline.events import Event, amount, flag, number, text
from sessions_app.timeline.lanes import Item
from sessions_app.timeline.spans import Timeline

Row = dict[str, Any]

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
ONLY_CONTENT_END = "The client counts only Media Content End; ours also counts 90 % of the duration."
WHOLE_PERCENT = "iOS compares whole numbers: in effect the playhead must reach the duration."
LOWER_LIMIT = "The app's own limit for complete content is lower than 90 %."
NO_BUILDER = "Android counts segments only when the session is built by the Kotlin overload."
WHOLE_SECONDS = "This SDK writes whole seconds."
FRESH_AD = "logAdClick with a new ad object makes the web SDK forget when the ad started."
NO_ARRAYS = "The web SDK strips lists from its events."


class Formula(NamedTuple):
    """A value, and why a client would send it although it is not the right one."""

    value: Any
    cause: str | None = None


def reconcile(timeline: Timeline, platform: str, sdk_version: str = "") -> dict[str, Any]:
    """`client`: its last session summary as told; `rows`, `ads`, `segments`: value by value beside ours."""
    told = [event for event in timeline.events if event.name == events.MEDIA_SESSION_SUMMARY]
    answer: dict[str, Any] = {"client": None, "rows": [], "ads": [], "segments": []}
    if told:
        answer["client"] = _client_values(told[-1])
        answer["rows"] = _session_rows(timeline, told[-1], platform)
    answer["ads"] = _ad_rows(timeline, platform)
    answer["segments"] = _segment_rows(timeline, platform)
    return answer


def _client_values(summary: Event) -> dict[str, Any]:
    return {name: value for name, value in summary.attributes.items() if name.startswith("media_")}


def _session_rows(timeline: Timeline, summary: Event, platform: str) -> list[Row]:
    seen = [event for event in timeline.events if event.order() < summary.order()]
    formulas = _SessionFormulas(timeline, seen, summary, platform)
    rows = [
        row(field, summary, made(formulas), formulas.tolerance_ms(field), platform)
        for field, made in _SESSION_FIELDS.items()
    ]
    if not any(event.name not in events.SUMMARIES for event in seen):
        for item in rows:
            if item["client"] is not None and item["cause"] != NO_CONTENT:
                item["same"] = False
                item["server"] = item["difference"] = None
                item["cause"] = SUMMARIES_ONLY
    return rows


class _SessionFormulas:
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


_SESSION_FIELDS = {
    "media_session_start_time": _SessionFormulas.start,
    "media_session_end_time": _SessionFormulas.end,
    "media_time_spent": _SessionFormulas.time_spent,
    "media_content_time_spent": _SessionFormulas.content,
    "media_content_complete": _SessionFormulas.complete,
    "media_session_segment_total": _SessionFormulas.segments,
    "media_total_ad_time_spent": _SessionFormulas.ad_time,
    "media_ad_time_spent_rate": _SessionFormulas.ad_rate,
    "media_session_ad_total": _SessionFormulas.ads,
    "media_session_ad_objects": _SessionFormulas.ad_objects,
}
APP_SET_ON_ROKU = frozenset(
    (
        "media_content_complete",
        "media_session_segment_total",
        "media_total_ad_time_spent",
        "media_ad_time_spent_rate",
        "media_session_ad_total",
        "media_session_ad_objects",
        "segment_completed",
        "segment_skipped",
        "ad_completed",
        "ad_skipped",
        "ad_content_start_time",
        "ad_content_end_time",
        "segment_start_time",
        "segment_end_time",
        "media_segment_time_spent",
    )
)


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


def row(field: str, told: Event, formulas: list[Formula], tolerance: int, platform: str) -> Row:
    """The client's value beside ours; a value that was not sent differs from nothing."""
    client, server = _readable(told, field), formulas[0].value
    same = client is None or server is None or _alike(client, server, tolerance)
    if client is None and told.attributes.get(field) is not None:
        same = False  # sent, but no number: "nan", "inf"
    why = _known(field, client, server, platform) if same else _cause(field, client, formulas, tolerance, platform)
    return {
        "field": field,
        "client": told.attributes.get(field) if client is None else client,
        "server": server,
        "difference": _difference(client, server),
        "same": same,
        "cause": why,
    }


def _known(field: str, client: Any, server: Any, platform: str) -> str | None:
    """Why a value that counts as the same is not equal, or is missing."""
    if client is None and server and field == "media_session_ad_objects" and platform == "web":
        return NO_ARRAYS
    if type(client) is int and client != server and field.endswith(("_spent", "_time")):
        return WHOLE_SECONDS if platform in ("android", "ios") else None
    return None


def _readable(told: Event, field: str) -> Any:
    value = told.attributes.get(field)
    if isinstance(value, list):
        return value
    truth = flag(told.attributes, field)
    if truth is not None:
        return truth
    if field == "media_ad_time_spent_rate":
        return round(value, 2) if isinstance(value, int | float) and abs(value) < 1e15 else None
    return number(told.attributes, field)


def _alike(client: Any, server: Any, tolerance: int) -> bool:
    if isinstance(client, bool) or isinstance(server, bool) or not isinstance(server, int | float):
        return bool(client == server)
    if isinstance(server, float):
        return isinstance(client, int | float) and abs(client - server) <= 0.01
    return isinstance(client, int | float) and abs(client - server) <= tolerance


def _difference(client: Any, server: Any) -> int | float | None:
    for value in (client, server):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
    difference: int | float = client - server
    return round(difference, 2)


def _cause(field: str, client: Any, formulas: list[Formula], tolerance: int, platform: str) -> str | None:
    for formula in formulas[1:]:
        if formula.value is not None and formula.cause is not None:
            if client is None and isinstance(formula.value, str):
                return formula.cause
            if client is not None and _alike(client, formula.value, tolerance):
                return formula.cause
    return APP_SET if platform == "roku" and field in APP_SET_ON_ROKU else None


def _ad_rows(timeline: Timeline, platform: str) -> list[Item]:
    """Each ad summary the client sent, beside our summary of the same ad."""
    compared, left = [], [ad for ad in timeline.lanes["ad"] if ad["end_ms"] is not None]
    for told in timeline.events:
        if told.name != events.AD_SESSION_SUMMARY:
            continue
        ad = _nearest(left, told, "ad_content_id", text(told.attributes, "ad_content_id"))
        if ad is None:
            continue
        left.remove(ad)
        rows = _span_rows(told, ad, ("ad_content_start_time", "ad_content_end_time"), "ad", platform)
        if ad["clicks"] and "ad_content_start_time" not in told.attributes and platform == "web":
            rows[0]["cause"] = FRESH_AD
        compared.append({"number": ad["number"], "ad_content_id": ad["ad_content_id"], "rows": rows})
    return compared


def _segment_rows(timeline: Timeline, platform: str) -> list[Item]:
    compared, left = [], [segment for segment in timeline.lanes["segment"] if segment["end_ms"] is not None]
    for told in timeline.events:
        if told.name != events.SEGMENT_SESSION_SUMMARY:
            continue
        index = amount(told.attributes, "segment_index") or 0
        segment = _nearest(left, told, "segment_index", index)
        if segment is None:
            continue
        left.remove(segment)
        rows = _span_rows(told, segment, ("segment_start_time", "segment_end_time"), "segment", platform)
        spent_ms = segment["end_ms"] - segment["start_ms"]
        tolerance = 1_000 if platform == "android" else 1
        rows.append(row("media_segment_time_spent", told, [Formula(spent_ms)], tolerance, platform))
        compared.append({"number": segment["number"], "segment_index": segment["segment_index"], "rows": rows})
    return compared


def _nearest(left: list[Item], told: Event, name: str, wanted: Any) -> Item | None:
    ended = [item for item in left if item[name] == wanted and item["start_ms"] <= told.at_ms]
    return min(ended, key=lambda item: abs(told.at_ms - item["end_ms"]), default=None)


def _span_rows(told: Event, item: Item, times: tuple[str, str], kind: str, platform: str) -> list[Row]:
    tolerance = 999 if platform == "ios" else 1
    skipped, completed = item["result"] == "skipped", item["result"] == "completed"
    return [
        row(times[0], told, [Formula(item["start_ms"])], tolerance, platform),
        row(times[1], told, [Formula(item["end_ms"])], tolerance, platform),
        row(f"{kind}_skipped", told, [Formula(skipped)], 0, platform),
        row(f"{kind}_completed", told, [Formula(completed)], 0, platform),
    ]
