"""The batches that are sent: sessions that go on for a while, every event new, as cheap as possible to make.

A session's batches are prepared once with a mark where its name and its events' ids go; making the next one is one
`bytes.replace`. So the time that is measured is the server's.
"""

import itertools
import json
import time
import uuid

MARK = "@@@@@@@@@@@@@@@@"
NAMES = ("Play", "Update Playhead Position", "Buffer Start", "Buffer End", "Update QoS", "Pause")
# A session's length in batches, by the number of events in each.
BATCHES_OF_A_SESSION = {1: 40, 100: 10}
STEP_MS = 1_000


class Workload:
    """An endless supply of requests for one kind of batch."""

    def __init__(self, events, headers):
        self.events = events
        now_ms = int(time.time() * 1000)
        count = BATCHES_OF_A_SESSION[events]
        self.parts = [self.part(n, now_ms - count * events * STEP_MS) for n in range(count)]
        self.head = b"POST /v2/events HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n" + b"".join(
            f"{name}: {value}\r\n".encode() for name, value in headers.items()
        )

    def part(self, number, start_ms):
        """The session's batch of this number, with marks."""
        first = number * self.events
        return json.dumps(
            {
                "environment": "production",
                "mpid": "7346244611012968789",
                "source_request_id": f"{MARK}-{number}",
                "mp_deviceid": f"{MARK}-device",
                "timestamp_unixtime_ms": start_ms + (first + self.events) * STEP_MS,
                "device_info": {"platform": "web", "screen_width": 1280, "screen_height": 720},
                "events": [event(n, start_ms + n * STEP_MS) for n in range(first, first + self.events)],
            },
            separators=(",", ":"),
        ).encode()

    def requests(self):
        """Requests of one connection: whole HTTP/1.1 messages."""
        mark = MARK.encode()
        for _ in itertools.count():
            name = uuid.uuid4().hex[: len(MARK)].encode()
            for part in self.parts:
                body = part.replace(mark, name)
                yield self.head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def event(number, at_ms):
    return {
        "event_type": "custom_event",
        "data": {
            "custom_event_type": "media",
            "custom_flags": {},
            "event_name": "Media Session Start" if number == 0 else NAMES[number % len(NAMES)],
            "timestamp_unixtime_ms": at_ms,
            "session_uuid": "889A250D-55C5-40DD-F0B0-5532F1ED764B",
            "session_start_unixtime_ms": at_ms - number * STEP_MS,
            "custom_attributes": {
                "content_title": "Space Pilot 3000",
                "content_duration": 6_000_000,
                "content_id": "movie-017",
                "content_type": "Video",
                "stream_type": "OnDemand",
                "media_session_id": f"{MARK}-session",
                "playhead_position": number * STEP_MS,
            },
            "location": None,
            "source_message_id": f"{MARK}-{number}",
            "active_time_on_site_ms": 500,
        },
    }
