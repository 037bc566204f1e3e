"""Captured requests and small batches for the tests of the wire."""

import json
from pathlib import Path

CAPTURES = Path(__file__).parent.parent / "samples" / "captures"
BAD_INPUTS = CAPTURES.parent / "bad_inputs.jsonl"
NOW_MS = 1_795_435_000_000


def captured(name):
    return json.loads((CAPTURES / name).read_text())


def uploads(name):
    """The bodies of a capture's event uploads, in order."""
    return [
        json.dumps(request["body"]).encode()
        for request in captured(name)
        if request["method"] == "POST" and request["path"].endswith("events")
    ]


def native(name):
    """A reconstructed phone upload: the capture and its signed text."""
    capture = captured(f"native/{name}.json")
    return capture, capture["body_text"].encode()


def event(name="Play", attributes=None, **data):
    attributes = {"media_session_id": "s-1", "content_id": "c-1"} if attributes is None else attributes
    return {
        "event_type": "custom_event",
        "data": {
            "custom_event_type": "media",
            "event_name": name,
            "timestamp_unixtime_ms": 1_795_434_000_000,
            "custom_attributes": attributes,
            **data,
        },
    }


def batch(*events, **fields):
    return json.dumps({"environment": "development", "mpid": "42", "events": list(events), **fields}).encode()
