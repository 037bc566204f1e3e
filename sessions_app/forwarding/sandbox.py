"""Our stand-in for mParticle's Events API: checks what the real one checks, keeps what it got, answers as told.

`Sandbox` decides; `SandboxServer` (below) speaks HTTP for it, in a thread of its own, so that tests and
`manage.py mparticle_sandbox` run the same thing. Told by PUT /_sandbox/answers with a list of rules, of which the
first that fits answers and is used up by one (`times`, default 1; -1 for ever):

    {"status": 429, "headers": {"Retry-After": "5"}, "text": "…", "when": "text in the body", "times": 3,
     "delay_s": 2, "manner": "normal | reset | half | accept_then_reset | slow | huge"}

GET /_sandbox/batches: what was accepted, each source_request_id once. GET /_sandbox/requests: everything asked.
DELETE /_sandbox forgets all.
"""

import base64
import binascii
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

PATHS = ("/v2/events", "/v2/bulkevents", "/v2/bulkevents/historical")
LARGEST_REQUEST = 256 * 1000
LARGEST_BATCH = 128 * 1000
HISTORY_MS = 72 * 3600 * 1000


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    manner: str = "normal"


def refused(code: str, message: str, status: int = 400) -> Reply:
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return Reply(status, {"Content-Type": "application/json"}, body)


class Sandbox:
    """The decisions and the memory, without a network. `keys` empty: any key and secret will do."""

    def __init__(self, keys: dict[str, str] | None = None) -> None:
        self.keys = keys or {}
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.batches: list[dict[str, Any]] = []
        self.seen: set[tuple[str, str]] = set()

    def answer_with(self, *rules: dict[str, Any]) -> None:
        with self.lock:
            self.rules = [dict(rule) for rule in rules]

    def event_ids(self) -> list[str]:
        """source_message_id of every event accepted, in order of acceptance."""
        with self.lock:
            kept = [event for batch in self.batches for event in batch["events"] or ()]
        return [str((event.get("data") or {}).get("source_message_id")) for event in kept]

    def receive(self, path: str, authorization: str | None, body: bytes) -> Reply:
        """One POST to the Events API."""
        key, refusal = self.who(authorization)
        with self.lock:
            # A wrong key is told so before anything else; then what the rules say; then what the real one checks.
            rule = None if refusal else self.rule_for(body)
            reply = refusal or self.told(rule) or self.checked(path, body)
            if 200 <= reply.status < 300 and reply.manner != "reset":
                self.keep(key, body)
            self.requests.append(
                {
                    "at": time.time(),
                    "path": path,
                    "status": reply.status,
                    "manner": reply.manner,
                    "source_request_ids": [batch.get("source_request_id") for batch in batches_of(body)],
                    "bytes": len(body),
                }
            )
        return reply

    def who(self, authorization: str | None) -> tuple[str, Reply | None]:
        if not authorization:
            return "", Reply(401)
        try:
            scheme, _, encoded = authorization.partition(" ")
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", Reply(403)
        if scheme.lower() != "basic" or not key or not secret:
            return "", Reply(403)
        if self.keys and self.keys.get(key) != secret:
            return key, Reply(403)
        return key, None

    def rule_for(self, body: bytes) -> dict[str, Any] | None:
        for rule in self.rules:
            if rule.get("when", "").encode() in body:
                times = int(rule.get("times", 1))
                if times == 1:
                    self.rules.remove(rule)
                elif times > 1:
                    rule["times"] = times - 1
                return rule
        return None

    def told(self, rule: dict[str, Any] | None) -> Reply | None:
        if rule is None:
            return None
        return Reply(
            int(rule.get("status", 202)),
            {str(name): str(value) for name, value in rule.get("headers", {}).items()},
            str(rule.get("text", "")).encode(),
            float(rule.get("delay_s", 0)),
            str(rule.get("manner", "normal")),
        )

    def checked(self, path: str, body: bytes) -> Reply:
        """What the documentation says is refused."""
        if len(body) > LARGEST_REQUEST:
            return refused("BAD_REQUEST", "Request is larger than 256 kB.")
        batches = batches_of(body)
        if not batches or len(batches) > 100:
            return refused("BAD_REQUEST", "Malformed JSON.")
        for batch in batches:
            if fault := fault_of(batch, history=path.endswith("/historical")):
                return refused("BAD_REQUEST", fault)
        return Reply(202)

    def keep(self, key: str, body: bytes) -> None:
        """mParticle remembers a source_request_id for 30 to 60 days, by key; a repeat changes nothing."""
        for batch in batches_of(body):
            request_id = batch.get("source_request_id")
            if request_id is not None and (key, request_id) in self.seen:
                continue
            self.seen.add((key, str(request_id)))
            self.batches.append({**batch, "events": batch.get("events") or []})


def batches_of(body: bytes) -> list[dict[str, Any]]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = parsed if isinstance(parsed, list) else [parsed]
    return [batch for batch in found if isinstance(batch, dict)]


def fault_of(batch: dict[str, Any], history: bool) -> str | None:
    if len(json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_BATCH:
        return "Batch is larger than 128 kB."
    if batch.get("environment") not in ("production", "development"):
        return 'Required field "environment" is missing or unknown.'
    if not any(batch.get(name) for name in ("mpid", "user_identities", "mp_deviceid", "device_info")):
        return "A batch needs an mpid or identities."
    faults = (event_fault(event, history) for event in batch.get("events") or ())
    return next(filter(None, faults), None)


def event_fault(event: Any, history: bool) -> str | None:
    if not isinstance(event, dict) or not event.get("event_type"):
        return 'Required event field "event_type" is missing or empty.'
    data = event.get("data")
    if not isinstance(data, dict):
        return 'Required event field "data" is missing or empty.'
    if event["event_type"] == "custom_event" and not (data.get("event_name") and data.get("custom_event_type")):
        return 'Required event field "event_name" or "custom_event_type" is missing or empty.'
    if history and int(data.get("timestamp_unixtime_ms") or 0) > time.time() * 1000 - HISTORY_MS:
        return "Historical events must be older than 72 hours."
    return None
