"""What real clients added up, beside what their events say by the same formula."""

import json
from pathlib import Path

import pytest

from sessions_app.timeline import client_formulas as words
from sessions_app.timeline.client_formulas import content_clock
from sessions_app.timeline.reconcile import reconcile
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.spans import build
from sessions_app.wire.native import parse_native
from sessions_app.wire.parse import parse

from .story import at, story

CAPTURES = Path(__file__).parent.parent / "samples" / "captures"
RULES = Rules()


def captured(file):
    """The one session with an id in a capture, through its own door: its timeline, platform and version."""
    document = json.loads((CAPTURES / file).read_text())
    told, batch = [], None
    for request in document if isinstance(document, list) else [document]:
        if not request["path"].lower().endswith("events"):
            continue
        received_ms = request.get("received_unixtime_ms", 1_795_401_000_000)
        if "body_text" in request:
            batch = parse_native(request["body_text"].encode(), received_ms, file.split("/")[1].split("_")[0])
        else:
            body = request["body"] if isinstance(request["body"], str) else json.dumps(request["body"])
            batch = parse(body.encode(), received_ms, "web")
        told += [reported.event for reported in batch.reported if reported.media_session_id is not None]
    return build(told, RULES, 1_795_500_000_000), batch.platform, batch.sdk_version


def differences(file):
    told = reconcile(*captured(file))
    rows = told["rows"] + [row for item in told["ads"] + told["segments"] for row in item["rows"]]
    return {row["field"]: row["cause"] for row in rows if not row["same"]}


@pytest.mark.parametrize(
    "file",
    [f"web/{name}.json" for name in (
        "ad_break", "cname_identity", "custom_mixed", "live_stream", "login_mid_play", "pause_seek_buffer", "qos",
        "retry_no_cors_header", "segments",
    )] + ["native/ios_full.json"],
)  # fmt: skip
def test_the_clients_totals_are_ours_by_the_same_formula(file):
    assert differences(file) == {}


def test_web_totals_are_met_within_a_millisecond():
    rows = {row["field"]: row for row in reconcile(*captured("web/pause_seek_buffer.json"))["rows"]}
    assert rows["media_content_time_spent"]["server"] == rows["media_content_time_spent"]["client"] == 173_300
    assert rows["media_time_spent"]["difference"] == 0


def test_old_web_sdks_let_the_clock_run_on_after_the_content():
    assert differences("web/vod_complete.json") == {"media_content_time_spent": words.CONTENT_RAN_ON}


def test_android_doubles_ad_time_and_stops_at_the_break():
    assert differences("native/android_full.json") == {
        "media_content_time_spent": words.STOPPED_AT_BREAK,
        "media_total_ad_time_spent": words.DOUBLED,
        "media_ad_time_spent_rate": words.FOLLOWS,
    }


def test_roku_leaves_much_to_the_app_and_its_own_totals_are_met():
    found = differences("native/roku_full.json")
    assert found == {
        "media_session_start_time": words.AT_BUILD,
        "media_total_ad_time_spent": words.APP_SET,
        "media_ad_time_spent_rate": words.FOLLOWS,
        "segment_completed": words.APP_SET,
        "segment_skipped": words.APP_SET,
    }
    rows = {row["field"]: row for row in reconcile(*captured("native/roku_full.json"))["rows"]}
    assert [rows[field]["difference"] for field in ("media_time_spent", "media_content_time_spent")] == [0, 0]


def test_a_client_that_sends_only_summaries_leaves_nothing_to_compare():
    assert set(differences("native/android_default_summaries_only.json").values()) == {words.SUMMARIES_ONLY}


def test_a_rate_that_is_no_number_had_no_content_to_divide_by():
    assert differences("native/ios_nan_rate.json")["media_ad_time_spent_rate"] == words.NO_CONTENT


def row_of(field, platform, *lines):
    rows = reconcile(build(story(*lines), RULES, at(999)), platform)["rows"]
    return next(row for row in rows if row["field"] == field)


def test_ios_counts_content_complete_only_at_the_very_end():
    told = row_of(
        "media_content_complete", "ios",
        ("0 Play", {"content_duration": 100_000}), ("95 Pause", {"playhead_position": 95_000}),
        ("96 Media Session Summary", {"media_content_complete": False}),
    )  # fmt: skip
    assert (told["server"], told["client"], told["cause"]) == (True, False, words.WHOLE_PERCENT)


def test_android_built_without_the_kotlin_overload_counts_no_segments():
    told = row_of(
        "media_session_segment_total", "android", "0 Segment Start",
        ("9 Media Session Summary", {"media_session_segment_total": 0}),
    )  # fmt: skip
    assert told["cause"] == words.NO_BUILDER


def test_a_value_with_no_known_cause_differs_without_one():
    told = row_of("media_session_ad_total", "web", ("9 Media Session Summary", {"media_session_ad_total": 4}))
    assert (told["same"], told["cause"]) == (False, words.SUMMARIES_ONLY)
    told = row_of("media_session_ad_total", "web", "0 Play", ("9 Media Session Summary", {"media_session_ad_total": 4}))
    assert (told["same"], told["cause"], told["difference"]) == (False, None, 4)


def test_nothing_is_compared_where_the_client_sent_no_summary():
    assert reconcile(build(story("0 Play"), RULES, at(9)), "web") == {
        "client": None, "rows": [], "ads": [], "segments": [],
    }  # fmt: skip


def test_the_content_clock_in_its_variants():
    told = story("0 Play", "10 Ad Break Start", "30 Ad Break End", "40 Media Content End", "45 Pause")
    assert content_clock(told, at(50)) == 40_000
    assert content_clock(told, at(50), content_end_stops=False) == 45_000
    assert content_clock(told, at(50), at_break="stops") == 10_000
    assert content_clock(told, at(50), at_break="pauses") == 20_000
