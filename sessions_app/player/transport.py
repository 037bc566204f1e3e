"""Events into batches, batches to a door, again and again until it takes them.

A batch is frozen when it is made: every retry sends the same bytes with the same `source_request_id`, so that a server
that had stored it before the answer got lost can tell. `next_wait` decides, `Outbox` and `AsyncSender` act.
"""

import asyncio
import base64
import gzip
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol

import httpx

from sessions_app.player import dialects
from sessions_app.player.session import Event, new_id, now_ms
from sessions_app.wire import signature

LARGEST_BATCH = 100
LONGEST_WAIT_S = 60.0
FIRST_WAIT_S = 0.5
TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Uploader:
    """Whose batches these are: what every batch says besides its events."""

    mpid: str
    device_id: str = ""
    user_identities: Mapping[str, str] = field(default_factory=dict)
    user_attributes: Mapping[str, Any] = field(default_factory=dict)
    device_info: Mapping[str, Any] = field(default_factory=dict)
    application_info: Mapping[str, Any] = field(default_factory=dict)
    sdk_version: str = ""
    environment: str = "development"

    def batch(self, events: list[Event], sent_at_ms: int, source_request_id: str) -> dict[str, Any]:
        batch: dict[str, Any] = {
            "source_request_id": source_request_id,
            "environment": self.environment,
            "mpid": self.mpid,
            "timestamp_unixtime_ms": sent_at_ms,
            "mp_deviceid": self.device_id,
            "sdk_version": self.sdk_version,
            "user_identities": dict(self.user_identities),
            "user_attributes": dict(self.user_attributes),
            "device_info": dict(self.device_info),
            "application_info": dict(self.application_info),
            "events": events,
        }
        return {key: value for key, value in batch.items() if value or key == "events"}


class Request(NamedTuple):
    """One POST, frozen."""

    url: str
    headers: dict[str, str]
    content: bytes


class Door(Protocol):
    """Where batches go, and in which dialect."""

    def request(self, batch: Mapping[str, Any]) -> Request: ...


@dataclass(frozen=True)
class EventsApi:
    """Server to server: /v2/events with Basic authentication, at mediadash or at mParticle."""

    base_url: str
    key: str
    secret: str

    def request(self, batch: Mapping[str, Any]) -> Request:
        token = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        return Request(f"{self.base_url}/v2/events", headers, json.dumps(batch).encode())


@dataclass(frozen=True)
class WebSdk:
    """The web SDK's door: the key is in the path, the JSON goes as text/plain."""

    base_url: str
    key: str

    def request(self, batch: Mapping[str, Any]) -> Request:
        headers = {"Content-Type": "text/plain;charset=UTF-8", "Accept": "text/plain;charset=UTF-8"}
        return Request(f"{self.base_url}/v3/JS/{self.key}/events", headers, json.dumps(batch).encode())


@dataclass(frozen=True)
class NativeSdk:
    """The door of Android, iOS and Roku: short keys, signed; the phones' bodies are gzipped."""

    base_url: str
    key: str
    secret: str
    platform: str

    def request(self, batch: Mapping[str, Any]) -> Request:
        body = json.dumps(dialects.shorten(batch, self.platform)).encode()
        sent_at = datetime.fromtimestamp(batch["timestamp_unixtime_ms"] / 1000, UTC)
        date = sent_at.strftime("%Y-%m-%dT%H:%M:%SZ" if self.platform == "roku" else "%a, %d %b %Y %H:%M:%S GMT")
        headers = {
            "Content-Type": "application/json",
            "Date": date,
            "x-mp-signature": signature.sign(self.secret, date, self.key, body),
            "User-Agent": f"mParticle {self.platform} SDK/{batch.get('sdk_version', '')}",
        }
        if self.platform != "roku":
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 5)
        return Request(f"{self.base_url}{signature.events_path(self.key)}", headers, body)


def next_wait(attempt: int, status: int | None, retry_after: str | None) -> float | None:
    """Seconds until the next try; None when there must be none. status None: no answer came."""
    if status is not None and status != 429 and status < 500:
        return None
    asked = _seconds(retry_after)
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt if asked is None else asked)


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After as seconds: a number, or a date from now."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - time.time())


class AsyncSender:
    """Sends frozen requests over one client; a few at a time, each until it is taken or refused."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        most_attempts: int = 8,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._most_attempts = most_attempts
        self._wait = wait

    async def send(self, request: Request) -> int | None:
        """The last status; None when no answer ever came."""
        status = None
        for attempt in range(self._most_attempts):
            retry_after = None
            try:
                answer = await self._client.post(request.url, headers=request.headers, content=request.content)
                status, retry_after = answer.status_code, answer.headers.get("Retry-After")
            except httpx.TransportError:
                status = None
            wait_s = next_wait(attempt, status, retry_after)
            if wait_s is None:
                return status
            await self._wait(wait_s)
        return status


class Outbox:
    """Collects events and uploads them in batches: the simplest way to use a MediaSession.

    `outbox = Outbox(EventsApi(url, key, secret), Uploader(mpid="…"))`, `MediaSession.build(…, log=outbox.add)`,
    and `outbox.flush()` whenever it suits.
    """

    def __init__(
        self,
        door: Door,
        uploader: Uploader,
        *,
        client: httpx.Client | None = None,
        most_attempts: int = 8,
        now: Callable[[], int] = now_ms,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._door = door
        self._uploader = uploader
        self._client = client or httpx.Client(timeout=TIMEOUT_S)
        self._most_attempts = most_attempts
        self._now = now
        self._wait = wait
        self._waiting: list[Event] = []

    def add(self, event: Event) -> None:
        self._waiting.append(event)

    def flush(self) -> bool:
        """Upload everything collected; True when all of it was taken. What could not be delivered is kept."""
        while self._waiting:
            events = self._waiting[:LARGEST_BATCH]
            status = self._post(self._door.request(self._uploader.batch(events, self._now(), new_id())))
            if status is None or status == 429 or status >= 500:
                return False
            del self._waiting[: len(events)]
            if status >= 300:
                return False
        return True

    def _post(self, request: Request) -> int | None:
        status = None
        for attempt in range(self._most_attempts):
            retry_after = None
            try:
                answer = self._client.post(request.url, headers=request.headers, content=request.content)
                status, retry_after = answer.status_code, answer.headers.get("Retry-After")
            except httpx.TransportError:
                status = None
            wait_s = next_wait(attempt, status, retry_after)
            if wait_s is None:
                return status
            self._wait(wait_s)
        return status
