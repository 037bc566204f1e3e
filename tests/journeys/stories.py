"""Sessions the walks watch: posted through the doors as a player would, with times of the test's choosing."""

import time
import uuid

from tests.stack import Stack, batch_of, media_event

# More in one request would be too large.
AT_ONCE = 300
STARTED = {"qos_startup_time": "1800"}
# ms after the session's start, event, attributes. A film that starts slowly, stalls after the bitrate rose, shows an ad
# break of two with one skipped, jumps ahead, reports an error and goes on.
STALLED_FILM = [
    (0, "Media Session Start", {}),
    (1800, "Play", {"playhead_position": "0"}),
    (1810, "Update QoS", {"qos_bitrate": "3200000", "qos_fps": "25", "qos_dropped_frames": "0", **STARTED}),
    (2000, "Segment Start", {"segment_title": "Cold open", "segment_index": "0", "segment_duration": "95000"}),
    (60_000, "Update QoS", {"qos_bitrate": "8000000", "qos_fps": "25", "qos_dropped_frames": "2", **STARTED}),
    (62_000, "Buffer Start", {"playhead_position": "60200", "buffer_position": "60200"}),
    (69_900, "Buffer End", {"playhead_position": "60200", "buffer_duration": "7900"}),
    (70_000, "Update QoS", {"qos_bitrate": "3200000", "qos_fps": "18", "qos_dropped_frames": "63", **STARTED}),
    (90_000, "Playback Error", {"error_message": "segment not found", "error_code": "HLS-404"}),
    (110_000, "Ad Break Start", {"ad_break_id": "b1", "ad_break_title": "Mid-roll 1", "ad_break_duration": "30000"}),
    (110_100, "Ad Start", {"ad_content_id": "a1", "ad_content_title": "Fjell Coffee", "ad_content_duration": "15000"}),
    (117_000, "Ad Click", {"ad_content_id": "a1"}),
    (125_100, "Ad End", {"ad_content_id": "a1"}),
    (125_200, "Ad Start", {"ad_content_id": "a2", "ad_content_title": "Kite Mobile", "ad_content_duration": "20000"}),
    (130_200, "Ad Skip", {"ad_content_id": "a2"}),
    (130_300, "Ad Break End", {"ad_break_id": "b1"}),
    (130_400, "Play", {"playhead_position": "100000"}),
    (150_000, "Segment End", {"segment_title": "Cold open", "segment_index": "0"}),
    (160_000, "Seek Start", {"playhead_position": "129600", "seek_position": "129600"}),
    (161_200, "Seek End", {"playhead_position": "279600", "seek_position": "279600"}),
    (180_000, "Pause", {"playhead_position": "298400"}),
    (200_000, "Play", {"playhead_position": "298400"}),
]  # fmt: skip
# The same viewing to its end, with the summary the client made of it.
ENDED_FILM = [
    *STALLED_FILM,
    (560_000, "Pause", {"playhead_position": "658400"}),
    (562_000, "Media Session End", {"playhead_position": "658400"}),
    (
        562_001,
        "Media Session Summary",
        {
            "media_time_spent": "562000", "media_content_time_spent": "520800", "media_content_complete": "false",
            "media_session_segment_total": "1", "media_total_ad_time_spent": "20000", "media_ad_time_spent_rate": "3.8",
            "media_session_ad_total": "2", "media_session_ad_objects": '["a1","a2"]',
        },
    ),
]  # fmt: skip
FILM = {
    "content_title": "Meltwater",
    "content_id": "tlt-s02e04",
    "content_show": "The Long Thaw",
    "content_type": "Video",
    "stream_type": "OnDemand",
    "content_duration": "2640000",
}


def play(
    stack: Stack,
    story=STALLED_FILM,
    began_ago_s: float = 210,
    mpid: str = "-8572887793551346848",
    device_info: dict | None = None,
    **common,
):
    """Post a story that began so long ago; returns its media_session_id."""
    session = str(uuid.uuid4())
    start_ms = int((time.time() - began_ago_s) * 1000)
    events = [
        media_event(session, name, at_ms=start_ms + after_ms, **{**FILM, **common, **attributes})
        for after_ms, name, attributes in story
    ]
    for some in (events[first : first + AT_ONCE] for first in range(0, len(events), AT_ONCE)):
        batch = batch_of(*some, mpid=mpid)
        batch["user_identities"] = {"customer_id": f"customer-{mpid[-4:]}", "email": "vera@example.com"}
        batch["device_info"] = {
            "platform": "Roku",
            "device_model": "Ultra",
            "device_manufacturer": "Roku",
            "os_version": "12.5",
            **(device_info or {}),
        }
        status, body = stack.post_events(batch)
        assert status == 202, body
    return session


def row_of(stack: Stack, session: str) -> dict:
    return stack.get_json(f"/api/v1/sessions/?media_session_id={session}")["results"][0]
