"""Batches leave whole, again and again, until a door takes them."""

import base64
import json
from email.utils import formatdate

import httpx
import pytest

from sessions_app.player.content import Ad
from sessions_app.player.session import MediaSession
from sessions_app.player.transport import (
    AsyncSender,
    EventsApi,
    NativeSdk,
    Outbox,
    Request,
    Uploader,
    WebSdk,
    next_wait,
)
from sessions_app.wire.native import parse_native
from sessions_app.wire.parse import parse
from sessions_app.wire.signature import is_signed
from sessions_app.wire.unpack import inflate

WHO = Uploader(
    mpid="-7346244611012968789",
    device_id="d-1",
    user_identities={"customer_id": "c", "email": "e@x.example"},
    device_info={"platform": "iOS", "device_manufacturer": "Apple", "device_model": "iPhone"},
)
API = EventsApi("http://door", "key", "secret")


class Server:
    """Answers from a list, then 202; keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.bodies = []

    def __call__(self, request):
        self.bodies.append(request.content)
        answer = self.answers.pop(0) if self.answers else httpx.Response(202, json={})
        if isinstance(answer, Exception):
            raise answer
        return answer


def outbox(server, waits, door=API):
    client = httpx.Client(transport=httpx.MockTransport(server))
    return Outbox(door, WHO, client=client, wait=waits.append)


def a_session(log):
    session = MediaSession.build("c-1", "Title", duration=1000, log=log)
    session.log_media_session_start()
    session.log_play()
    session.log_media_session_end()


@pytest.mark.parametrize(
    ("attempt", "status", "retry_after", "wait"),
    [
        (0, 202, None, None),
        (0, 400, None, None),
        (0, 401, "5", None),
        (0, 413, None, None),
        (0, 429, "7", 7),  # as asked
        (0, 503, "0", 0),
        (0, 503, "600", 60),  # never longer than a minute
        (0, 503, "soon", 0.5),
        (0, 500, None, 0.5),
        (3, 502, None, 4),
        (20, None, None, 60),
        (0, 429, formatdate(0, usegmt=True), 0),  # a date long past
    ],
)
def test_when_to_try_again(attempt, status, retry_after, wait):
    assert next_wait(attempt, status, retry_after) == wait


def test_a_retry_repeats_the_same_bytes():
    server, waits = Server(httpx.Response(503, headers={"Retry-After": "3"}), httpx.ConnectError("gone")), []
    box = outbox(server, waits)
    a_session(box.add)
    assert box.flush() is True
    assert waits == [3, 1]
    assert len(server.bodies) == 3
    assert len(set(server.bodies)) == 1


def test_what_could_not_be_delivered_is_kept_and_what_was_refused_is_not():
    server = Server(*[httpx.Response(503)] * 8, httpx.Response(400))
    box = outbox(server, [])
    a_session(box.add)
    assert box.flush() is False
    assert box.flush() is False
    assert box.flush() is True
    assert len(server.bodies) == 9


def test_a_long_list_leaves_in_batches_of_a_hundred():
    server = Server()
    box = outbox(server, [])
    for _ in range(84):
        a_session(box.add)
    assert box.flush()
    assert [len(json.loads(body)["events"]) for body in server.bodies] == [100, 100, 100, 36]
    assert len({json.loads(body)["source_request_id"] for body in server.bodies}) == 4


def made(door):
    events = []
    a_session(events.append)
    return door.request(WHO.batch(events, 1_795_400_000_000, "r-1"))


def test_the_events_api_is_spoken_with_basic_authentication():
    request = made(API)
    assert request.url == "http://door/v2/events"
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"key:secret"
    assert len(parse(request.content, 1, "server").reported) == 4


def test_the_web_sdks_door_has_its_key_in_the_path():
    request = made(WebSdk("http://door", "key"))
    assert request.url == "http://door/v3/JS/key/events"
    assert request.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("platform", ["ios", "android", "roku"])
def test_a_phone_speaks_its_own_dialect_and_means_the_same(platform):
    request = made(NativeSdk("http://door", "key", "secret", platform))
    body = inflate(request.content, 10**6) if "Content-Encoding" in request.headers else request.content
    assert ("Content-Encoding" in request.headers) == (platform != "roku")
    assert is_signed("secret", request.headers["Date"], "key", body, request.headers["x-mp-signature"])
    assert all(isinstance(value, str) for one in json.loads(body)["msgs"] for value in one["attrs"].values())
    read = parse_native(body, 1, platform)
    assert read.rejected == ()
    assert [one.event.name for one in read.reported][-1] == "Media Session Summary"
    assert read.reported[-1].event.attributes["media_session_ad_objects"] == []
    assert (read.mpid, read.device_id, read.source_request_id) == (WHO.mpid, "d-1", "r-1")
    assert dict(read.identities)["email"] == "e@x.example"


async def test_the_async_sender_gives_up_after_its_attempts():
    server, waits = Server(*[httpx.Response(503)] * 9), []

    async def wait(seconds):
        waits.append(seconds)

    async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as client:
        sender = AsyncSender(client, most_attempts=3, wait=wait)
        assert await sender.send(Request("http://door/v2/events", {}, b"{}")) == 503
        assert waits == [0.5, 1, 2]


def test_android_counts_ad_time_twice_as_its_sdk_does():
    events = []
    session = MediaSession.build("c-1", "Title", log=events.append, now=iter(range(0, 10**6, 10_000)).__next__)
    session.log_media_session_start()
    session.log_ad_start(Ad(id="a", title="A"))
    session.log_ad_end()
    session.log_media_session_end()
    spent = {}
    for platform in ("android", "ios"):
        request = NativeSdk("http://door", "k", "s", platform).request(WHO.batch(events, 1, "r"))
        summary = parse_native(inflate(request.content, 10**6), 1, platform).reported[-1]
        spent[platform] = summary.event.attributes["media_total_ad_time_spent"]
    assert spent["android"] == 2 * spent["ios"] > 0
