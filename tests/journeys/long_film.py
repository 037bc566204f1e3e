"""One evening at a Roku, for pictures: everything that the session page can show happens once. Nothing is random."""

import time
import uuid
from typing import Any

from tests.journeys.stories import FILM
from tests.stack import media_event

LATE_MS = range(670_000, 690_000)
STALL_MS = 252_000
AD_MS = 462_500
MANY = 20_000
Told = list[tuple[int, str, dict[str, Any]]]


def ad(ad_id: str, title: str, advertiser: str, duration_ms: int) -> dict[str, str]:
    words = {"ad_content_id": ad_id, "ad_content_title": title, "ad_content_advertiser": advertiser}
    return {**words, "ad_content_duration": str(duration_ms)}


def segment(index: int, title: str, duration_ms: int) -> dict[str, str]:
    return {"segment_index": str(index), "segment_title": title, "segment_duration": str(duration_ms)}


def qos(bitrate: int, fps: int, dropped: int, **more: str) -> dict[str, str]:
    return {"qos_bitrate": str(bitrate), "qos_fps": str(fps), "qos_dropped_frames": str(dropped), **more}


# ms after the session's start. What players send every few seconds is added by `heartbeats`.
SCENES: Told = [
    (0, "Media Session Start", {}),
    (310, "Ad Break Start", {"ad_break_id": "pre", "ad_break_title": "Pre-roll", "ad_break_duration": "30000"}),
    (360, "Ad Start", ad("p1", "Fjell Coffee – Slow morning", "Fjell Coffee", 15000)),
    (15_360, "Ad End", {"ad_content_id": "p1"}),
    (15_420, "Ad Start", ad("p2", "Northlight Radio", "Northlight", 15000)),
    (20_420, "Ad Skip", {"ad_content_id": "p2"}),
    (20_480, "Ad Break End", {"ad_break_id": "pre"}),
    (22_200, "Play", {}),
    (22_230, "Update QoS", qos(3200000, 25, 0, qos_startup_time="1800")),
    (22_300, "Segment Start", segment(0, "Cold open", 90000)),
    (50_000, "Buffer Start", {}),
    (52_100, "Buffer End", {"buffer_duration": "2100"}),
    (112_000, "Segment End", {"segment_title": "Cold open", "segment_index": "0"}),
    (112_300, "Segment Start", segment(1, "The thaw line", 190000)),
    (250_200, "Update QoS", qos(8000000, 25, 11)),
    (251_100, "Playback Error", {"error_code": "HLS-404", "error_message": "segment not found at 8 Mbps"}),
    (252_000, "Buffer Start", {}),
    (259_900, "Buffer End", {"buffer_duration": "7900"}),
    (260_200, "Update QoS", qos(3200000, 18, 72)),
    (265_700, "Update QoS", qos(3200000, 25, 94)),
    (281_000, "Quality Menu Opened", {"chosen": "auto"}),
    (312_000, "Segment End", {"segment_title": "The thaw line", "segment_index": "1"}),
    (312_200, "Segment Start", segment(2, "Gauge stations", 160000)),
    (330_000, "Update QoS", qos(4500000, 25, 98)),
    (335_000, "Pause", {}),
    (357_000, "Play", {}),
    (442_000, "Ad Break Start", {"ad_break_id": "mid", "ad_break_title": "Mid-roll 1", "ad_break_duration": "50000"}),
    (442_300, "Ad Start", ad("m1", "Fjell Coffee – Slow morning", "Fjell Coffee", 15000)),
    (451_900, "Ad Click", {"ad_content_id": "m1"}),
    (457_300, "Ad End", {"ad_content_id": "m1"}),
    (457_400, "Ad Start", ad("m2", "Harbour Cup", "Northlight", 15000)),
    (462_400, "Ad Skip", {"ad_content_id": "m2"}),
    (462_500, "Ad Start", ad("m3", "Kite Mobile – One plan", "Kite Mobile", 20000)),
    (482_500, "Ad End", {"ad_content_id": "m3"}),
    (482_600, "Ad Break End", {"ad_break_id": "mid"}),
    (482_700, "Play", {}),
    (482_900, "Segment End", {"segment_title": "Gauge stations", "segment_index": "2"}),
    (483_000, "Segment Start", segment(3, "Interview: the ferryman", 118000)),
    (557_000, "Play", {"Source": "App in foreground"}),
    (557_400, "Update QoS", qos(3200000, 22, 115)),
    (598_000, "Buffer Start", {}),
    (600_400, "Buffer End", {"buffer_duration": "2400"}),
    (601_000, "Update QoS", qos(4500000, 21, 126)),
    (605_000, "Seek Start", {"seek_position": "462250"}),
    (606_200, "Seek End", {"seek_position": "612250"}),
    (606_300, "Segment Skip", {"segment_title": "Interview: the ferryman", "segment_index": "3"}),
    (606_400, "Segment Start", segment(4, "Meltwater rights", 420000)),
    (640_000, "Seek Start", {"seek_position": "646000"}),
    (641_000, "Seek End", {"seek_position": "631000"}),
    (706_000, "Update QoS", qos(6000000, 25, 130)),
    (722_000, "Share Tapped", {"target": "copy_link"}),
]  # fmt: skip
LIVE_MS = 750_300
# The same evening to its end, with a summary that does not quite agree.
END: Told = [
    (950_000, "Pause", {}),
    (972_000, "Play", {}),
    (1_566_000, "Pause", {"Source": "Back Button"}),
    (1_566_200, "Media Session End", {}),
    (1_566_300, "Media Session Summary", {
        "media_time_spent": "1566200", "media_content_time_spent": "1471000", "media_content_complete": "false",
        "media_session_segment_total": "5", "media_total_ad_time_spent": "60000", "media_ad_time_spent_rate": "4.2",
        "media_session_ad_total": "5", "media_session_ad_objects": '["p1","p2","m1","m2","m3"]',
    }),
]  # fmt: skip
# Seconds of the content at moments of the session; between them it runs on.
PLAYED = [
    (22_200, 0, 50_000), (52_100, 27_800, 252_000), (259_900, 227_700, 335_000), (357_000, 302_800, 442_000),
    (482_700, 387_800, 510_600), (557_000, 415_700, 598_000), (600_400, 456_700, 605_000), (606_200, 612_250, 640_000),
    (641_000, 631_000, 950_000), (972_000, 940_000, 1_566_000),
]  # fmt: skip


def playhead(at_ms: int) -> int:
    """Where the content is at a moment of the session."""
    position = 0
    for start_ms, from_ms, end_ms in PLAYED:
        if start_ms <= at_ms:
            position = from_ms + min(at_ms, end_ms) - start_ms
    return position


def heartbeats(until_ms: int) -> Told:
    """A playhead every ten seconds while content plays, quality every twenty."""
    beats: Told = []
    for start_ms, _, end_ms in PLAYED:
        for at_ms in range(start_ms + 4_000, min(end_ms, until_ms), 10_000):
            beats.append((at_ms, "Update Playhead Position", {}))
        for at_ms in range(start_ms + 9_000, min(end_ms, until_ms), 20_000):
            beats.append((at_ms, "Update QoS", quality(at_ms)))
    return beats


def quality(at_ms: int) -> dict[str, Any]:
    """What the player last reported of itself."""
    return [attributes for after_ms, name, attributes in SCENES if name == "Update QoS" and after_ms <= at_ms][-1]


def long_film(*, ended: bool = False) -> tuple[str, list[tuple[int, dict[str, Any]]]]:
    """(media_session_id, batches with their arrival), of an evening that is at its last moment now."""
    until_ms = END[-1][0] if ended else LIVE_MS
    scenes = sorted([*SCENES, *(END if ended else []), *heartbeats(until_ms)], key=lambda scene: scene[0])
    session = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{time.time_ns()}"))
    started_ms = int(time.time() * 1000) - until_ms - 700
    told = []
    for number, (after_ms, name, attributes) in enumerate(scenes):
        common = {**FILM, "content_season": "2", "content_episode": "4", "player_name": "Northlight Player 4.2.1"}
        place = {"playhead_position": str(playhead(after_ms))}
        at_ms = started_ms + after_ms
        late_ms = started_ms + LATE_MS.stop + 7_000 - at_ms if after_ms in LATE_MS else 300 + 40 * (number % 7)
        event = media_event(session, name, at_ms=at_ms, **{**common, **place, **attributes})
        told.append((at_ms + late_ms, batch_of(event, at_ms)))
    return session, sorted(told, key=lambda one: one[0])


def usual_starts() -> list[tuple[int, dict[str, Any]]]:
    """Two dozen evenings at a Roku two hours ago: what a startup time is set against."""
    told = []
    for number in range(24):
        session = str(uuid.uuid5(uuid.NAMESPACE_URL, f"usual {number}"))
        began_ms = int(time.time() * 1000) - 7_200_000 + number * 60_000
        startup_ms = 500 + 45 * number + 400 * (number % 12 == 11) * (number // 12 + 1)
        scenes: Told = [
            (0, "Media Session Start", {}),
            (startup_ms, "Play", {"playhead_position": "0"}),
            (startup_ms + 20, "Update QoS", qos(4500000, 25, 0, qos_startup_time=str(startup_ms))),
            (600_000, "Media Session End", {"playhead_position": "598000"}),
        ]
        events = [media_event(session, name, at_ms=began_ms + at, **{**FILM, **own}) for at, name, own in scenes]
        batch = batch_of(events[0], began_ms + 600_000)
        told.append((began_ms + 600_300, {**batch, "mpid": str(1000 + number), "events": events}))
    return told


def only_started() -> tuple[str, list[tuple[int, dict[str, Any]]]]:
    """A session of which nothing but its start is known."""
    return at_ease([(0, "Media Session Start", {})], 4_000)


def many_events() -> tuple[str, list[tuple[int, dict[str, Any]]]]:
    """A long broadcast of a talkative player, in batches of five hundred."""
    beats = [
        (number * 700, "Update QoS" if number % 7 == 0 else "Update Playhead Position", beat(number))
        for number in range(1, MANY)
    ]
    return at_ease([(0, "Media Session Start", {}), (300, "Play", {"playhead_position": "0"}), *beats], MANY * 700)


def beat(number: int) -> dict[str, Any]:
    """Quality that comes and goes in a pattern of its own, and a playhead that runs on."""
    bitrate = (3_200_000, 4_500_000, 6_000_000, 8_000_000)[number // 400 % 4]
    dropped = number // 900 * 25
    return {"playhead_position": str(number * 700), **(qos(bitrate, 25, dropped) if number % 7 == 0 else {})}


def at_ease(scenes: Told, until_ms: int) -> tuple[str, list[tuple[int, dict[str, Any]]]]:
    """A story told in large batches, each received with its last event."""
    session = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{time.time_ns()}"))
    started_ms = int(time.time() * 1000) - until_ms
    title = {"content_title": "Harbour Cup Final", "content_id": "hcf", "content_duration": "14400000"}
    film = {**FILM, "content_show": "Live sport", **title}
    told = []
    for first in range(0, len(scenes), 500):
        part = scenes[first : first + 500]
        events = [media_event(session, name, at_ms=started_ms + at, **{**film, **own}) for at, name, own in part]
        batch = batch_of(events[0], started_ms + part[-1][0])
        told.append((started_ms + part[-1][0] + 400, {**batch, "events": events}))
    return session, told


def batch_of(event: dict[str, Any], at_ms: int) -> dict[str, Any]:
    return {
        "environment": "production",
        "mpid": "-8572887793551346848",
        "timestamp_unixtime_ms": at_ms,
        "source_request_id": str(uuid.uuid4()),
        "user_identities": {"customer_id": "customer-6848", "email": "vera@example.com"},
        "device_info": {
            "platform": "Roku",
            "device_model": "Ultra",
            "device_manufacturer": "Roku",
            "os_version": "12.5",
            "timezone_offset": -5,
        },
        "events": [event],
    }
