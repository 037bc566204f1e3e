"""The same viewing told in each client's dialect ends as the same session."""

import json

import pytest

from sessions_app.models import MediaSession
from sessions_app.wire.signature import sign
from tests.ingest.client import HOUR_AGO_MS, SECRET, basic, make_feed, told

CONTENT = {
    "content_id": "movie-017", "content_title": "Space Pilot 3000", "content_duration": 600_000,
    "content_type": "Video", "stream_type": "OnDemand",
}  # fmt: skip
AD = {"ad_content_id": "ad-1", "ad_content_title": "Soap", "ad_content_duration": 15_000}
STORY = (
    ("Media Session Start", 0, {}),
    ("Play", 500, {"playhead_position": 1}),
    ("Buffer Start", 20_500, {"buffer_duration": 2_000, "buffer_percent": 0.5}),
    ("Buffer End", 22_500, {}),
    ("Ad Break Start", 60_500, {"ad_break_id": "mid", "ad_break_title": "mid-roll", "ad_break_duration": 15_000}),
    ("Ad Start", 60_500, AD),
    ("Ad End", 75_500, AD),
    ("Ad Break End", 75_500, {"ad_break_id": "mid"}),
    ("Seek Start", 90_000, {"seek_position": 80_000}),
    ("Seek End", 91_000, {"seek_position": 200_000}),
    ("Update QoS", 95_000, {"qos_bitrate": 4_000_000, "qos_fps": 50, "qos_dropped_frames": 3, "qos_startup_time": 400}),
    ("Pause", 120_000, {"playhead_position": 229_000}),
    ("Play", 150_000, {"playhead_position": 229_000}),
    ("Media Content End", 200_000, {"playhead_position": 279_000}),
    ("Media Session End", 200_000, {}),
)
IDS = [f"11111111-2222-4333-8444-{n:012}" for n in range(len(STORY))]
SESSION = "one-story"


def long_keys():
    return {
        "source_request_id": "batch-1",
        "mpid": "6504934091054997508",
        "timestamp_unixtime_ms": HOUR_AGO_MS + 201_000,
        "environment": "production",
        "events": [
            {
                "event_type": "custom_event",
                "data": {
                    "event_name": name,
                    "custom_event_type": "media",
                    "timestamp_unixtime_ms": HOUR_AGO_MS + after,
                    "source_message_id": message_id,
                    "custom_attributes": {**CONTENT, "media_session_id": SESSION, **attributes},
                },
            }
            for (name, after, attributes), message_id in zip(STORY, IDS, strict=True)
        ],
    }


def short_keys(platform):
    """As a phone says it: short keys, every value a string."""
    content_type = "video" if platform == "ios" else "Video"
    return {
        "dt": "h",
        "id": "batch-1",
        "ct": HOUR_AGO_MS + 201_000,
        "mpid": 6504934091054997508 if platform == "ios" else "6504934091054997508",
        "di": {"dp": {"ios": "iOS", "android": "Android", "roku": "Roku"}[platform]},
        "msgs": [
            {
                "dt": "e",
                "n": name,
                "et": "media" if platform == "roku" else "Media",
                "ct": HOUR_AGO_MS + after,
                "id": message_id,
                "attrs": {
                    key: str(value)
                    for key, value in {
                        **CONTENT, "content_type": content_type, "media_session_id": SESSION, **attributes,
                    }.items()
                },
            }
            for (name, after, attributes), message_id in zip(STORY, IDS, strict=True)
        ],
    }  # fmt: skip


async def post(doors, platform):
    feed = await make_feed(platform)
    if platform == "web":
        return await doors.web(feed, long_keys())
    if platform == "server":
        return await doors.post("/v2/bulkevents", [long_keys()], {**basic(feed), "content-type": "application/json"})
    body, date = json.dumps(short_keys(platform)).encode(), "Mon, 23 Nov 2026 02:23:20 GMT"
    headers = {"x-mp-signature": sign(SECRET, date, feed.key, body), "date": date}
    path = f"/nativeevents/v2/{feed.key}/events" if platform == "android" else f"/{feed.key}/events"
    return await doors.post(path, body, headers)


@pytest.fixture
async def by_the_web(doors):
    await post(doors, "web")
    return told(await MediaSession.objects.aget(input__platform="web"))


@pytest.mark.parametrize("platform", ["server", "android", "ios", "roku"])
async def test_every_dialect_tells_the_same_story(doors, by_the_web, platform):
    answer = await post(doors, platform)
    assert (answer.status_code, answer.json()["accepted"]) == (202, len(STORY))
    assert told(await MediaSession.objects.aget(input__platform=platform)) == by_the_web
    assert (by_the_web["rebuffer_ms"], by_the_web["ad_completed_count"], by_the_web["live"]) == (2_000, 1, False)
