"""What an export may hold: five datasets and the catalogue of their columns. Nothing in it names a viewer.

A column is a name, an SQL expression, a kind and words. Numbers of a session bear the names of docs/metrics.md. Who
watched is not for sale here: no mpid, no identity, no custom attribute, since players put anything into those.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TEXT, NUMBER, FLAG, TIME = "text", "number", "flag", "time"


@dataclass(frozen=True)
class Column:
    """One column of a dataset."""

    name: str
    sql: str
    kind: str
    words: str


@dataclass(frozen=True)
class Dataset:
    """A table one can ask for: its rows, which moment dates them, and its columns."""

    name: str
    words: str
    rows: str
    at_ms: str
    workspace: str
    order: str
    columns: tuple[Column, ...]

    def named(self, names: Sequence[str]) -> tuple[Column, ...]:
        """The columns asked for, in that order; all of them when none is named."""
        by_name = {column.name: column for column in self.columns}
        return tuple(by_name[name] for name in names) if names else self.columns


def moment(ms: str) -> str:
    """Epoch ms as ISO 8601 UTC; a year no calendar has stays empty."""
    iso = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""
    possible = f"{ms} BETWEEN -62135596800000 AND 253402300799999"
    return f"CASE WHEN {possible} THEN to_char(to_timestamp({ms} / 1000.0) AT TIME ZONE 'UTC', {iso}) END"


def clock(column: str) -> str:
    iso = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""
    return f"to_char({column} AT TIME ZONE 'UTC', {iso})"


def values(table: str, kind: str, **words: str) -> tuple[Column, ...]:
    """Columns out of a `values` JSON object, by their own names."""
    cast = {TEXT: "", NUMBER: "::numeric", FLAG: "::boolean"}[kind]
    return tuple(Column(name, f"({table}.values->>'{name}'){cast}", kind, said) for name, said in words.items())


def sent(kind: str, **words: str) -> tuple[Column, ...]:
    """Attributes of an event: numbers only where a number was sent."""
    found = []
    for name, said in words.items():
        text = f"(e.attributes::json->>'{name}')"
        number = rf"CASE WHEN {text} ~ '^-?\d{{1,18}}(\.\d{{1,9}})?$' THEN {text}::numeric END"
        found.append(Column(name, number if kind == NUMBER else text, kind, said))
    return tuple(found)


SESSION = (
    Column("session_id", "s.id::text", TEXT, "mediadash's id of the session"),
    Column("media_session_id", "s.media_session_id", TEXT, "the player's id of the session"),
    Column("input", "i.name", TEXT, "the input it came in by"),
    Column("platform", "s.platform", TEXT, "web, ios, android, roku, …"),
    Column("device", "s.device", TEXT, "the device as the client names it"),
    Column("os", "s.os", TEXT, "operating system"),
    Column("player_name", "s.player_name", TEXT, "the player"),
    Column("sdk_version", "s.sdk_version", TEXT, "version of the SDK"),
    Column("content_id", "s.content_id", TEXT, "id of the content"),
    Column("content_title", "s.content_title", TEXT, "title of the content"),
    Column("content_type", "s.content_type", TEXT, "Video or Audio"),
    Column("stream_type", "s.stream_type", TEXT, "OnDemand, LiveStream, Linear, …"),
    Column("content_duration_ms", "s.content_duration_ms", NUMBER, "length of the content"),
)
ONE_SESSION = (*SESSION[:4], *SESSION[8:10])
JOINED = "JOIN sessions_app_mediasession s ON s.id = {0}.session_id JOIN sessions_app_input i ON i.id = s.input_id"

SUMMARIES = Dataset(
    name="summaries",
    words="One row for each settled session, with every number of it.",
    rows="sessions_app_sessionsummary sm " + JOINED.format("sm") + " WHERE sm.is_latest",
    at_ms="sm.started_at_ms",
    workspace="sm.workspace_id",
    order="sm.started_at_ms, sm.id",
    columns=(
        *SESSION,
        Column("started_at", moment("sm.started_at_ms"), TIME, "first event, the device's clock"),
        Column("ended_at", moment("sm.ended_at_ms"), TIME, "last event, the device's clock"),
        Column("ended_reason", "sm.ended_reason", TEXT, "how the session ended"),
        Column("revision", "sm.revision", NUMBER, "1 at first, more after late data"),
        Column("settled_at", clock("sm.settled_at"), TIME, "when these numbers were settled"),
        *values(
            "sm",
            NUMBER,
            media_time_spent_ms="last − first event",
            content_time_ms="time in playing",
            media_content_time_spent_ms="mParticle's content time, ads and stalls inside counted",
            watched_time_ms="first Play to end, without pauses and silence",
            startup_time_ms="time until playback began",
            rebuffer_count="stalls after startup, not caused by a seek",
            rebuffer_ms="their length",
            rebuffer_ratio="rebuffer_ms / watched_time_ms",
            seek_count="seeks",
            seek_ms="time in seeking",
            seek_forward_ms="content jumped over",
            seek_backward_ms="content gone back",
            pause_count="pauses",
            paused_ms="time in paused",
            average_bitrate_bps="over the time played",
            peak_bitrate_bps="highest bitrate",
            bitrate_shift_count="changes of bitrate",
            dropped_frames="frames dropped",
            unique_content_ms="content seen at least once",
            coverage="unique_content_ms / duration",
            ad_break_count="ad breaks",
            ad_count="ads begun",
            ad_completed_count="ads played to their end",
            ad_skipped_count="ads skipped",
            ad_time_ms="time in ads",
            ad_time_ratio="ad_time_ms / watched_time_ms",
            segment_count="segments begun",
            segment_completed_count="segments finished",
            segment_skipped_count="segments skipped",
            custom_event_count="custom events",
            error_count="errors",
            event_count="events",
            late_event_count="events that came late",
            duplicate_count="events sent more than once",
        ),
        *values(
            "sm",
            FLAG,
            exit_before_start="ended with no playback and no error",
            start_failure="an error before playback, and none after it",
            playback_failure="an error during playback, and none after it",
            reached_end="seen to the end",
        ),
        *values(
            "sm",
            TEXT,
            startup_source="client or derived",
            progress_marks="marks of the content passed, %",
        ),
    ),
)

ADS = Dataset(
    name="ads",
    words="One row for each ad begun in a settled session.",
    rows="sessions_app_adsummary a " + JOINED.format("a") + " WHERE true",
    at_ms="a.started_at_ms",
    workspace="a.workspace_id",
    order="a.started_at_ms, a.id",
    columns=(
        *ONE_SESSION,
        Column("number", "a.number", NUMBER, "1, 2, 3 … within the session"),
        Column("started_at", moment("a.started_at_ms"), TIME, "Ad Start, the device's clock"),
        *values(
            "a",
            TEXT,
            ad_break_id="id of the break",
            ad_break_title="title of the break",
            ad_content_id="id of the ad",
            ad_content_title="title of the ad",
            ad_content_advertiser="advertiser",
            ad_content_campaign="campaign",
            ad_content_creative="creative",
            ad_content_placement="placement",
            ad_content_position="position as sent",
            result="completed, skipped, open or ended_early",
        ),
        *values("a", NUMBER, ad_content_duration_ms="length of the ad", time_spent_ms="time in the ad"),
        *values("a", FLAG, ad_completed="played to its end", ad_skipped="skipped", ad_clicked="clicked"),
    ),
)

SEGMENTS = Dataset(
    name="segments",
    words="One row for each segment begun in a settled session.",
    rows="sessions_app_segmentsummary g " + JOINED.format("g") + " WHERE true",
    at_ms="g.started_at_ms",
    workspace="g.workspace_id",
    order="g.started_at_ms, g.id",
    columns=(
        *ONE_SESSION,
        Column("number", "g.number", NUMBER, "1, 2, 3 … within the session"),
        Column("started_at", moment("g.started_at_ms"), TIME, "Segment Start, the device's clock"),
        *values("g", TEXT, segment_title="title", result="completed, skipped, open or ended_early"),
        *values(
            "g",
            NUMBER,
            segment_index="index as sent",
            segment_duration_ms="length of the segment",
            media_segment_time_spent_ms="time in the segment",
        ),
        *values("g", FLAG, segment_completed="finished", segment_skipped="skipped"),
    ),
)

EVENTS = Dataset(
    name="events",
    words="One row for each event as stored, without custom attributes.",
    rows=(
        "sessions_app_mediaevent e JOIN sessions_app_mediasession s"
        " ON s.id = e.session_id AND s.session_day = e.session_day"
        " JOIN sessions_app_input i ON i.id = s.input_id WHERE true"
    ),
    at_ms="e.at_ms",
    workspace="s.workspace_id",
    order="e.session_id, e.seq",
    columns=(
        *ONE_SESSION,
        Column("seq", "e.seq", NUMBER, "order of arrival within the session"),
        Column("event_key", "replace(e.event_key::text, '-', '')", TEXT, "mediadash's key of the event"),
        Column("name", "e.name", TEXT, "name of the event"),
        Column("at", moment("e.at_ms"), TIME, "the device's clock"),
        Column("received_at", moment("e.received_at_ms"), TIME, "our clock"),
        Column("at_ms", "e.at_ms", NUMBER, "the device's clock, ms since 1970"),
        *sent(
            NUMBER,
            playhead_position="position in the content, ms",
            qos_bitrate="bitrate as sent",
            qos_fps="frames a second",
            qos_startup_time="startup, ms",
            qos_dropped_frames="dropped frames, running total",
            ad_break_duration="length of the break, ms",
            ad_content_duration="length of the ad, ms",
            segment_index="index of the segment",
            segment_duration="length of the segment, ms",
        ),
        *sent(
            TEXT,
            ad_break_id="id of the break",
            ad_break_title="title of the break",
            ad_content_id="id of the ad",
            ad_content_title="title of the ad",
            ad_content_advertiser="advertiser",
            ad_content_campaign="campaign",
            ad_content_position="position as sent",
            segment_title="title of the segment",
        ),
    ),
)

QOS = Dataset(
    name="qos",
    words="One row for each Update QoS reading, as the player sent it.",
    rows=EVENTS.rows.replace("WHERE true", "WHERE e.name = 'Update QoS'"),
    at_ms="e.at_ms",
    workspace="s.workspace_id",
    order="e.session_id, e.seq",
    columns=(
        *SESSION,
        Column("seq", "e.seq", NUMBER, "order of arrival within the session"),
        Column("at", moment("e.at_ms"), TIME, "the device's clock"),
        Column("received_at", moment("e.received_at_ms"), TIME, "our clock"),
        Column("at_ms", "e.at_ms", NUMBER, "the device's clock, ms since 1970"),
        *sent(
            NUMBER,
            playhead_position="position in the content, ms",
            qos_bitrate="bitrate, bit/s; 0 when the app never set it",
            qos_fps="frames a second; 0 when the app never set it",
            qos_dropped_frames="dropped frames, running total of the player",
            qos_startup_time="startup, ms; 0 when the app never set it",
        ),
    ),
)

DATASETS = {dataset.name: dataset for dataset in (SUMMARIES, ADS, SEGMENTS, QOS, EVENTS)}
FORMATS = ("csv", "xlsx", "jsonl")
