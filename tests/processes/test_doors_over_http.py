"""Real clients' requests through the real server: captured ones, one story by five clients, what must be refused."""

import gzip
import json
import random
import select
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from sessions_app.player.content import Ad, AdBreak, Options, QoS, Segment
from sessions_app.player.session import MediaSession
from sessions_app.player.transport import EventsApi, NativeSdk, Outbox, Uploader, WebSdk
from sessions_app.timeline.metrics import METRICS
from sessions_app.wire import signature
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.processes

SAMPLES = Path(__file__).parent.parent / "samples"
CAPTURES = sorted((SAMPLES / "captures").glob("*/*.json"))
CAPTURED_KEY = "us1-0123456789abcdef0123456789abcdef"
# Set by the client that sends, wrong for ours.
NOT_SENT = {"content-length", "host", "connection", "transfer-encoding"}
PLATFORMS = ("server", "web", "android", "ios", "roku")


@pytest.fixture(scope="module")
def stack():
    running = Stack().until_ready(150)
    try:
        made = running.manage("create_token", "--workspace", "demo", "--role", "admin", "--json")
        running.token = json.loads(made)["token"]
        with httpx.Client(base_url=running.url, timeout=30) as running.http:
            running.feeds = {platform: made_input(running, platform) for platform in PLATFORMS}
            yield running
    finally:
        running.throw_away()


def made_input(stack, platform):
    asked = {"name": f"a {platform}", "platform": platform}
    answer = stack.http.post("/api/v1/inputs/", json=asked, headers={"Authorization": f"Bearer {stack.token}"})
    assert answer.status_code == 201, answer.text
    return answer.json()


# --- captured requests -----------------------------------------------------------------------------------------------
def requests_in(path, feeds):
    """(method, path, headers, body) of everything in a capture; ours are the key, the secret and so the signature."""
    captured = json.loads(path.read_text())
    if isinstance(captured, dict):
        yield native(captured, feeds[path.stem.split("_")[0]])
        return
    for one in captured:
        headers = {name.lower(): value for name, value in one["headers"] if name.lower() not in NOT_SENT}
        feed = feeds["server" if "authorization" in headers else "web"]
        if "authorization" in headers:
            headers["authorization"] = httpx.BasicAuth(feed["key"], feed["secret"])._auth_header
        if "x-mp-key" in headers:
            headers["x-mp-key"] = feed["key"]
        body = json.dumps(one["body"]).encode() if one["body"] else b""
        yield one["method"], one["path"].replace(CAPTURED_KEY, feed["key"]), headers, body


def native(captured, feed):
    headers = {name.lower(): value for name, value in captured["headers"].items() if name.lower() not in NOT_SENT}
    body = captured["body_text"].encode()
    headers["x-mp-signature"] = signature.sign(feed["secret"], headers["date"], feed["key"], body)
    path = captured["path"].replace(CAPTURED_KEY, feed["key"])
    return captured["method"], path, headers, gzip.compress(body) if "content-encoding" in headers else body


def send_all(stack, requests):
    for method, path, headers, body in requests:
        answer = stack.http.request(method, path, headers=headers, content=body)
        assert answer.status_code in (200, 202, 204), (path, answer.text)
        assert path.endswith("modify") or method == "OPTIONS" or "html" not in answer.headers["content-type"]


def what_is_stored(stack):
    """Each session's events and numbers, by the session's own id."""
    told = {}
    for row in all_sessions(stack):
        path = f"/api/v1/sessions/{row['id']}"
        summary = stack.get_json(f"{path}/summary/")
        numbers = {name: summary[name] for name in [*METRICS, "ads", "segments", "client", "revision"]}
        told[row["media_session_id"]] = stack.get_json(f"{path}/events/?limit=1000")["events"], numbers
    return told


def all_sessions(stack):
    return stack.get_json("/api/v1/sessions/?limit=200")["results"]


def is_all_settled(stack):
    rows = all_sessions(stack)
    return rows and all(stack.get_json(f"/api/v1/sessions/{row['id']}/summary/")["settled"] for row in rows)


def test_captured_requests_in_any_order_and_once_more_are_stored_once(stack):
    requests = [request for path in CAPTURES for request in requests_in(path, stack.feeds)]
    order = random.Random(11)
    send_all(stack, order.sample(requests, len(requests)))
    # Recorded days ago: none of them can go on.
    wait_until(lambda: is_all_settled(stack), 60, "every captured session is settled")
    before = what_is_stored(stack)
    assert len(before) >= len(CAPTURES) - 2
    send_all(stack, order.sample(requests, len(requests)))
    assert what_is_stored(stack) == before
    for counts in stack.get_json("/api/v1/quality/")["inputs"]:
        assert counts["balances"]
        assert (counts["quarantined"], counts["refused"]) == (0, 0)


# --- one story, five clients -----------------------------------------------------------------------------------------
AD = Ad(id="soap", title="Soap", duration=15_000, advertiser="Clean & Co", campaign="Spring", position=0)
SECOND_AD = Ad(id="car", title="A car", duration=30_000, advertiser="Motors", position=1)
LENGTH_MS = 240_000


class Clock:
    def __init__(self, start_ms):
        self.now_ms = start_ms

    def __call__(self):
        return self.now_ms

    def after(self, seconds):
        self.now_ms += round(seconds * 1000)


def at(position_ms):
    return Options(current_playhead_position=position_ms)


def tell(session, clock):
    """Start-up, a stall, two ads of which one is skipped, a seek, a pause, two chapters, the end."""
    session.log_media_session_start()
    clock.after(0.5)
    session.log_play(at(0))
    session.log_segment_start(Segment("Chapter 1", 0, 60_000))
    clock.after(20)
    session.log_buffer_start(0, 0.1, 20_000, at(20_000))
    clock.after(2)
    session.log_buffer_end(2_000, 1, 20_000)
    session.log_qos(QoS(startup_time=500, dropped_frames=3, bitrate=4_000_000, fps=50))
    clock.after(40)
    session.log_segment_end(at(60_000))
    session.log_ad_break_start(AdBreak(id="mid", title="mid-roll", duration=45_000))
    session.log_ad_start(AD)
    clock.after(5)
    session.log_ad_click()
    clock.after(10)
    session.log_ad_end()
    session.log_ad_start(SECOND_AD)
    clock.after(6)
    session.log_ad_skip()
    session.log_ad_break_end()
    session.log_play(at(60_000))
    session.log_segment_start(Segment("Chapter 2", 1, 240_000))
    clock.after(10)
    session.log_seek_start(70_000)
    clock.after(1)
    session.log_seek_end(200_000, at(200_000))
    clock.after(20)
    session.log_pause(at(220_000))
    clock.after(30)
    session.log_play(at(220_000))
    session.log_error("a subtitle is missing")
    clock.after(80)
    session.log_segment_end(at(300_000))
    session.log_media_content_end(at(300_000))
    session.log_media_session_end()


def play(stack, platform, start_ms):
    feed, clock = stack.feeds[platform], Clock(start_ms)
    if platform == "server":
        door = EventsApi(stack.url, feed["key"], feed["secret"])
    elif platform == "web":
        door = WebSdk(stack.url, feed["key"])
    else:
        door = NativeSdk(stack.url, feed["key"], feed["secret"], platform)
    who = Uploader(mpid="4711000012345678", device_id="d-1", device_info={"platform": platform})
    outbox = Outbox(door, who, client=stack.http, now=clock)
    session = MediaSession.build("film-1", "Space Pilot 3000", duration=300_000, log=outbox.add, now=clock)
    tell(session, clock)
    assert outbox.flush()
    return session.media_session_id


def told_of(stack, media_session_id):
    row = stack.get_json(f"/api/v1/sessions/?media_session_id={media_session_id}")["results"][0]
    path = f"/api/v1/sessions/{row['id']}"
    lanes, summary = stack.get_json(f"{path}/timeline/"), stack.get_json(f"{path}/summary/")
    events = [event["name"] for event in stack.get_json(f"{path}/events/?limit=200")["events"]]
    spans = {lane: lanes[lane] for lane in LANES}
    numbers = {name: summary[name] for name in [*METRICS, "ads", "segments"]}
    return events, spans, numbers, summary


LANES = (
    "session_started_ms", "ended_at_ms", "state", "ended_reason", "playback", "ad_break", "ad", "segment", "seek",
    "playhead", "qos", "errors", "custom", "gaps",
)  # fmt: skip


def test_five_clients_that_tell_one_story_leave_the_same_spans_and_numbers(stack):
    start_ms = int(time.time() * 1000) - LENGTH_MS
    ids = {platform: play(stack, platform, start_ms) for platform in PLATFORMS}
    told = {platform: told_of(stack, ids[platform]) for platform in PLATFORMS}
    events, spans, numbers, summary = told["web"]
    assert (numbers["ad_count"], numbers["rebuffer_ms"], numbers["error_count"]) == (2, 2_000, 1)
    for platform in PLATFORMS:
        assert told[platform][0] == events, platform
        assert told[platform][1] == spans, platform
        assert told[platform][2] == numbers, platform
    # What the SDKs add up themselves is the same but for the seconds Android's rounds down to.
    for platform in PLATFORMS:
        assert_same_sums(platform, told[platform][3]["client"], summary["client"])


def assert_same_sums(platform, client, by_the_web):
    assert client.keys() == by_the_web.keys(), platform
    for name, value in client.items():
        other = by_the_web[name]
        if isinstance(value, int | float) and not isinstance(value, bool) and name.endswith("_ms"):
            assert abs(value - other) <= (1_000 if platform in ("android", "ios") else 0), (platform, name)


# --- what must be refused --------------------------------------------------------------------------------------------
MEGABYTE, PIECE = 2**20, 2**16


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "chunked"])
@pytest.mark.parametrize(
    "path", ["/v2/events", "/v2/bulkevents", "/v3/JS/us1-unknown/events", "/v2/us1-unknown/events"]
)
def test_two_hundred_megabytes_from_nobody_are_refused_before_two_were_read(stack, path, is_chunked):
    status, sent = upload(stack.port, path, 200 * MEGABYTE, is_chunked)
    assert status in (400, 401, 403, 413)
    # What is allowed somewhere, and the piece that shows it to be more.
    assert sent <= 2 * MEGABYTE + PIECE


def upload(port, path, size, is_chunked):
    """(status, bytes sent until the answer came): beyond two megabytes each piece waits for the server to object."""
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    piece, sent = b" " * PIECE, 0
    framed = b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(head.encode())
        while sent < size and not select.select([client], [], [], 0 if 0 < sent <= 2 * MEGABYTE else 1)[0]:
            try:
                client.sendall(framed)
            except OSError:
                break
            sent += len(piece)
        answer = client.recv(65_536)
    return int(answer.split(b" ", 2)[1]), sent


def test_a_hundred_and_seventy_bad_inputs_are_answered_as_agreed(stack):
    feed = stack.feeds["server"]
    script = [SAMPLES / "bad_inputs_run.py", "--base", stack.url, "--basic", f"{feed['key']}:{feed['secret']}"]
    done = subprocess.run([sys.executable, *map(str, script)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["170 passed, 0 failed"], done.stdout + done.stderr
    assert all(counts["balances"] for counts in stack.get_json("/api/v1/quality/")["inputs"])
