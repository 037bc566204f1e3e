"""A client of the doors without a socket, and the few questions tests ask the store."""

import base64
import copy
import gzip
import hashlib
import json
import uuid
from pathlib import Path

import httpx

from mediadash import crypto
from sessions_app.ingest.doors import doors
from sessions_app.models import IngestCount, Input, Workspace
from sessions_app.timeline.state import State

CAPTURES = Path(__file__).parent.parent / "samples" / "captures"
SECRET = "an ingest secret"
HOUR_AGO_MS = 1_795_400_000_000


class Doors:
    """Posts to the doors as an ASGI application."""

    def __init__(self):
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=doors, raise_app_exceptions=True), base_url="http://doors"
        )

    async def post(self, path, body, headers=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(path, content=content, headers=headers or {})

    async def server(self, feed, batch, **headers):
        return await self.post("/v2/events", batch, {**basic(feed), "content-type": "application/json", **headers})

    async def web(self, feed, batch, **headers):
        return await self.post(f"/v3/JS/{feed.key}/events", batch, {"content-type": "text/plain", **headers})


def basic(feed, secret=SECRET):
    return {"authorization": "Basic " + base64.b64encode(f"{feed.key}:{secret}".encode()).decode()}


async def make_feed(platform="server", secret=SECRET, key=None, workspace=None, **fields):
    workspace = workspace or await Workspace.objects.acreate(name="Atlas", slug=f"atlas-{uuid.uuid4().hex[:8]}")
    return await Input.objects.acreate(
        workspace=workspace,
        name=f"{platform} {uuid.uuid4().hex[:6]}",
        platform=platform,
        key=key or f"us1-{uuid.uuid4().hex}",
        secret_sha256=hashlib.sha256(secret.encode()).digest(),
        secret_encrypted=crypto.encrypt(secret) if platform in ("android", "ios", "roku") else None,
        **fields,
    )


def event(name, at_ms=HOUR_AGO_MS, session="session-1", message_id=None, **attributes):
    return {
        "event_type": "custom_event",
        "data": {
            "event_name": name,
            "custom_event_type": "media",
            "timestamp_unixtime_ms": at_ms,
            "source_message_id": message_id or str(uuid.uuid4()),
            "custom_attributes": {"media_session_id": session, "content_id": "movie-1", **attributes},
        },
    }


def batch(*events, request_id=None, mpid="7346244611012968789", **fields):
    return {
        "environment": "development",
        "mpid": mpid,
        "source_request_id": request_id or str(uuid.uuid4()),
        "events": list(copy.deepcopy(events)),
        **fields,
    }


def play_through(session="session-1", start_ms=HOUR_AGO_MS):
    """A short whole session of seven events."""
    told = (
        ("Media Session Start", 0),
        ("Play", 1),
        ("Pause", 30_000),
        ("Play", 40_000),
        ("Update Playhead Position", 50_000),
        ("Media Content End", 60_000),
        ("Media Session End", 60_000),
    )
    return [event(name, start_ms + after, session, f"{session}-{n}") for n, (name, after) in enumerate(told)]


def zipped(body):
    return gzip.compress(body if isinstance(body, bytes) else json.dumps(body).encode())


async def accounts(feed):
    """The sums over this feed's counts; asserts the identity on the way."""
    words = ("received", "stored", "duplicate", "quarantined", "refused", "ignored", "batches", "late")
    sums = dict.fromkeys(words, 0)
    async for row in IngestCount.objects.filter(input=feed):
        for word in words:
            sums[word] += getattr(row, word)
    assert sums["received"] == sums["stored"] + sums["duplicate"] + sums["quarantined"] + sums["refused"]
    return sums


def told(session):
    """What a session's fold says of the viewing, without what depends on when it reached us."""
    state = State.decode(bytes(session.fold))
    words = (
        "state", "live", "ended_reason", "content_id", "content_title", "content_type", "stream_type",
        "content_duration_ms", "started_at_ms", "last_at_ms", "event_count", "error_count", "custom_event_count",
        "totals", "watched_ms", "content_clock_ms", "rebuffer_count", "rebuffer_ms", "pause_count", "seek_count",
        "seek_forward_ms", "seek_backward_ms", "reached_end", "ad_break_count", "ad_count", "ad_completed_count",
        "ad_skipped_count", "segment_count", "segment_completed_count", "segment_skipped_count", "bitrate_bps",
        "dropped_frames", "playhead_position_ms", "coverage",
    )  # fmt: skip
    return {word: getattr(state, word) for word in words}
