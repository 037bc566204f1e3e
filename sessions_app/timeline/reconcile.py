"""The client's own summaries beside ours: same formula, the difference, and its known cause.

Clients add up for themselves, each SDK with its own formulas and bugs. A row takes the value a correct client of
this platform would have sent by its own formula; when the client's differs, the known faults are tried in turn and
the one that gives the client's value is named. Nothing here is ever added to our numbers.
"""

from typing import Any

from sessions_app.timeline import events
from sessions_app.timeline.client_formulas import (
    APP_SET,
    FRESH_AD,
    NO_ARRAYS,
    NO_CONTENT,
    SESSION_FIELDS,
    SUMMARIES_ONLY,
    WHOLE_SECONDS,
    Formula,
    SessionFormulas,
)
from sessions_app.timeline.events import Event, amount, flag, number, text
from sessions_app.timeline.lanes import Item
from sessions_app.timeline.spans import Timeline

Row = dict[str, Any]

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
    formulas = SessionFormulas(timeline, seen, summary, platform)
    rows = [
        row(field, summary, made(formulas), formulas.tolerance_ms(field), platform)
        for field, made in SESSION_FIELDS.items()
    ]
    if not any(event.name not in events.SUMMARIES for event in seen):
        for item in rows:
            if item["client"] is not None and item["cause"] != NO_CONTENT:
                item["same"] = False
                item["server"] = item["difference"] = None
                item["cause"] = SUMMARIES_ONLY
    return rows


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
