"""One meaning for every spelling, unit and type."""

import json

import pytest

from sessions_app.timeline import events
from sessions_app.wire.attributes import canonical


def read(sent, name="Play", platform="web"):
    return canonical(sent, name, platform).attributes


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (110123, 110123),
        ("110123", 110123),
        ("12.0", 12),
        ("110123.75", 110124),
        (110123.4, 110123),
        ("-5", -5),
        ("", ""),
        ("nan", "nan"),
        ("1_000", "1_000"),
        (" 7 ", " 7 "),
        ("1,000", "1,000"),
        ("١٢", "١٢"),
        ("9" * 400, "9" * 400),
        (10**30, str(10**30)),
        (True, True),
        (None, None),
        ({"v": 1}, {"v": 1}),
        ("1e3", "1e3"),
        ("+7", "+7"),
    ],
)
def test_milliseconds_are_whole_numbers_or_as_sent(sent, kept):
    assert read({"playhead_position": sent}) == {"playhead_position": kept}


@pytest.mark.parametrize(("sent", "kept"), [("1", 1), ("1.0", 1), ("0.12", 0.12), (29.97, 29.97), ("nan", "nan")])
def test_fractions_stay_fractions(sent, kept):
    assert read({"buffer_percent": sent, "qos_fps": sent}) == {"buffer_percent": kept, "qos_fps": kept}


@pytest.mark.parametrize(
    ("sent", "kept"), [("true", True), ("False", False), (False, False), ("yes", "yes"), (1, 1), ("", "")]
)
def test_flags_are_booleans_or_as_sent(sent, kept):
    assert read({"ad_skipped": sent}) == {"ad_skipped": kept}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (1795400031001, 1795400031001),
        ("1795400031001", 1795400031001),
        ("2026-11-23T02:13:51+0000", 1795400031000),
        ("2026-11-23T03:13:51.250+01:00", 1795400031250),
        ("2026-11-23T02:13:51Z", 1795400031000),
        ("2026-13-45T99:00:00Z", "2026-13-45T99:00:00Z"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments_are_epoch_milliseconds(sent, kept):
    assert read({"ad_content_start_time": sent}, events.AD_SESSION_SUMMARY) == {"ad_content_start_time": kept}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["ABC890", "ABC543"], ["ABC890", "ABC543"]),
        ("[ABC890, ABC543]", ["ABC890", "ABC543"]),
        ("ABC890, ABC543", ["ABC890", "ABC543"]),
        ('["ABC890","ABC543"]', ["ABC890", "ABC543"]),
        ("", []),
        ("[]", []),
        ([7], ["7"]),
        (None, None),
    ],
)
def test_ad_objects_are_a_list_of_ids_however_they_are_written(sent, kept):
    assert read({"media_session_ad_objects": sent}, events.MEDIA_SESSION_SUMMARY) == {"media_session_ad_objects": kept}


@pytest.mark.parametrize(("sent", "kept"), [("video", "Video"), ("Audio", "Audio"), ("VR", "VR"), (None, None)])
def test_content_types_have_one_spelling(sent, kept):
    assert read({"content_type": sent}) == {"content_type": kept}


def test_stream_types_have_one_spelling_and_may_be_free_words():
    assert read({"stream_type": "livestream"}) == {"stream_type": "LiveStream"}
    assert read({"stream_type": "Live event"}) == {"stream_type": "Live event"}


def test_texts_sent_as_numbers_are_texts():
    assert read({"content_id": 1234567, "content_season": 3}) == {"content_id": "1234567", "content_season": "3"}


def test_unknown_keys_are_kept_verbatim():
    sent = {"": "v", "__proto__": {"admin": True}, "milestone": "25", "rating": 4.5, "list": [1, None], "no": None}
    assert read(sent) == sent


def test_numbers_a_browser_would_round_are_kept_as_digits():
    assert read({"ticket": 9007199254740993, "list": [2**60]}) == {"ticket": "9007199254740993", "list": [str(2**60)]}


@pytest.mark.parametrize("platform", ["android", "ios", "tvos", "firetv"])
def test_phones_report_times_spent_in_seconds(platform):
    made = canonical({"media_time_spent": "110.0004"}, events.MEDIA_SESSION_SUMMARY, platform)
    assert made == ({"media_time_spent": 110000}, True)


@pytest.mark.parametrize("platform", ["web", "roku"])
def test_web_and_roku_report_times_spent_in_milliseconds(platform):
    made = canonical({"media_time_spent": "17951"}, events.MEDIA_SESSION_SUMMARY, platform)
    assert made == ({"media_time_spent": 17951}, False)


def test_a_time_spent_that_is_no_number_stays():
    assert read({"media_time_spent": "nan"}, events.MEDIA_SESSION_SUMMARY, "ios") == {"media_time_spent": "nan"}


@pytest.mark.parametrize(("spent", "kept"), [("112", 112_000), ("112000", 112_000), (111.6, 111_600)])
def test_an_unknown_platforms_unit_is_read_from_the_span_beside_it(spent, kept):
    sent = {
        "media_time_spent": spent,
        "media_session_start_time": 1795400000000,
        "media_session_end_time": 1795400112000,
    }
    assert read(sent, events.MEDIA_SESSION_SUMMARY, "server")["media_time_spent"] == kept


def test_an_unknown_platform_without_a_span_means_milliseconds():
    assert read({"media_time_spent": 5}, events.MEDIA_SESSION_SUMMARY, "server") == {"media_time_spent": 5}


def test_old_keys_mean_todays():
    assert canonical({"ad_break": "b-1"}, "Ad Session Summary", "ios") == ({"ad_break_id": "b-1"}, True)
    assert read({"ad_break": "old", "ad_break_id": "new"}) == {"ad_break": "old", "ad_break_id": "new"}


def test_stream_format_is_a_stream_type_only_when_it_says_one():
    assert read({"stream_format": "OnDemand"})["stream_type"] == "OnDemand"
    assert read({"stream_format": "H.264"}) == {"stream_format": "H.264"}


def test_a_session_id_in_the_contents_place_is_taken_away():
    sent = {"media_session_id": "S-1", "content_id": "S-1"}
    assert canonical(sent, events.MEDIA_SESSION_SUMMARY, "ios") == ({"media_session_id": "S-1"}, True)
    assert read(sent, "Play") == sent


def test_a_content_id_sent_as_a_key_is_found():
    sent = {"media_session_id": "S-1", "movie-7": "movie-7"}
    made = canonical(sent, events.SEGMENT_SESSION_SUMMARY, "ios")
    assert made == ({"media_session_id": "S-1", "content_id": "movie-7"}, True)


def test_json_types_alone_are_no_change():
    assert not canonical({"playhead_position": "1", "ad_skipped": "true"}, events.AD_SESSION_SUMMARY, "web").changed


def test_whatever_it_makes_can_be_written_as_json():
    sent = {key: value for key in ("playhead_position", "content_id", "x") for value in (10**400, [10**20], 1e300)}
    json.dumps(read(sent), allow_nan=False)
