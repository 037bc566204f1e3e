"""For CNAME customers: mParticle answers when it is asked, and we do when it does not."""

import asyncio
import contextlib
import json
from types import SimpleNamespace

import pytest

from mediadash import crypto
from sessions_app.ingest import pass_through, routes, runtime
from sessions_app.models import Destination
from tests.ingest.client import make_feed

IDENTIFY = {"known_identities": {"customer_id": "vera"}, "request_id": "r1"}


@contextlib.asynccontextmanager
async def stand_in(settings, status=200, answer=b'{"mpid":"42"}', extra=b""):
    """Something that answers every request alike; gives its address and what it was asked."""
    asked = []

    async def answers(reader, writer):
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in rest)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked.append((first.removesuffix(" HTTP/1.1"), headers, body))
        head = b"HTTP/1.1 %d X\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n" % (status, extra, len(answer))
        writer.write(head + answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings.FORWARDING_ALLOWED_URLS = [url]
        yield url, asked


async def feed_with_destination(url, platform="web", key="theirs", own_key=None):
    feed = await make_feed(platform, key=own_key)
    await Destination.objects.acreate(
        workspace_id=feed.workspace_id, name="mParticle", url=url, key=key, secret_encrypted=crypto.encrypt("s")
    )
    return feed


async def identify(doors, feed, **headers):
    sent = {"content-type": "application/json", "x-mp-key": feed.key, **headers}
    answer = await doors.post("/identity/v1/identify", json.dumps(IDENTIFY).encode(), sent)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer


async def mpid_of(doors, feed, **headers):
    return (await identify(doors, feed, **headers)).json()["mpid"]


async def test_identity_is_mparticles_as_soon_as_there_is_a_destination(doors, settings):
    async with stand_in(settings) as (url, asked):
        feed = await feed_with_destination(url)
        assert await mpid_of(doors, feed) == "42"
    ((line, headers, body),) = asked
    assert (line, body) == ("POST /v1/identify", json.dumps(IDENTIFY).encode())
    assert (headers["x-mp-key"], headers["content-type"]) == ("theirs", "application/json")


async def test_how_long_the_page_may_keep_the_answer_is_told_to_it(doors, settings):
    async with stand_in(settings, extra=b"X-MP-Max-Age: 3600\r\n") as (url, _):
        answer = await identify(doors, await feed_with_destination(url))
    assert (answer.headers["x-mp-max-age"], answer.headers["access-control-expose-headers"]) == ("3600", "x-mp-max-age")


@pytest.mark.parametrize("status", [302, 401, 503])
async def test_identity_is_ours_when_mparticle_does_not_answer_well(doors, settings, status):
    async with stand_in(settings, status) as (url, asked):
        feed = await feed_with_destination(url)
        ours = await mpid_of(doors, feed)
        assert asked
    # Nobody listens there any more.
    assert await mpid_of(doors, feed) == ours != "42"


async def test_nobody_is_asked_without_a_destination_that_is_on_or_when_the_operator_says_no(doors, settings):
    async with stand_in(settings) as (url, asked):
        alone, feed = await make_feed("web"), await feed_with_destination(url)
        assert await mpid_of(doors, alone) != "42"
        settings.CNAME_PASS_THROUGH = False
        assert await mpid_of(doors, feed) != "42"
        settings.CNAME_PASS_THROUGH = True
        await Destination.objects.filter(workspace_id=feed.workspace_id).aupdate(is_on=False)
        runtime.runtime().loaded_at = float("-inf")
        assert await mpid_of(doors, feed) != "42"
    assert not asked


async def test_an_address_nobody_allowed_is_not_asked(doors, settings):
    async with stand_in(settings) as (url, asked):
        feed = await feed_with_destination(url)
        settings.FORWARDING_ALLOWED_URLS = []
        assert await mpid_of(doors, feed) != "42"
    assert not asked


async def test_configuration_and_statistics_go_to_their_own_places(doors, settings):
    async with stand_in(settings) as (url, asked):
        feed = await feed_with_destination(url)
        await doors.http.get(f"/tags/JS/v2/{feed.key}/config?env=1&plan_id=tv&plan_version=2")
        for version in ("v1", "v2"):
            await doors.post(f"/webevents/{version}/JS/{feed.key}/Forwarding", b"{}", {})
        await doors.post(f"/webevents/v1/identity/{feed.key}/Alias", b"{}", {})
        await doors.post("/identity/v1/42/modify", IDENTIFY, {"x-mp-key": feed.key})
    assert [line for line, *_ in asked] == [
        "GET /JS/v2/theirs/config?env=1&plan_id=tv&plan_version=2",
        "POST /v1/JS/theirs/Forwarding",
        "POST /v2/JS/theirs/Forwarding",
        "POST /v1/identity/theirs/Alias",
        "POST /v1/42/modify",
    ]


async def test_a_phones_signed_requests_go_on_only_under_its_own_key(doors, settings):
    signed = {
        "date": "Mon, 23 Nov 2026 12:00:00 GMT",
        "x-mp-signature": "0123abcd",
        "user-agent": "mParticle Android SDK",
    }
    async with stand_in(settings) as (url, asked):
        stranger = await feed_with_destination(url, "android", key="another platform's")
        assert await mpid_of(doors, stranger, **signed) != "42"
        assert not asked
        own = await feed_with_destination(url, "android", key="us2-phone", own_key="us2-phone")
        assert await mpid_of(doors, own, **signed) == "42"
        await doors.http.get(f"/config/v4/{own.key}/config?av=1.0&sv=5.79.0", headers={**signed, "x-mp-env": "2"})
        await doors.post(f"/nativeevents/v1/identity/{own.key}/alias", b"{}", signed)
    assert [line for line, *_ in asked] == [
        "POST /v1/identify", "GET /v4/us2-phone/config?av=1.0&sv=5.79.0", "POST /v1/identity/us2-phone/alias",
    ]  # fmt: skip
    assert {headers["x-mp-signature"] for _, headers, _ in asked} == {"0123abcd"}
    assert asked[1][1]["x-mp-env"] == "2"


@pytest.mark.parametrize(
    ("pod", "path", "place"),
    [
        ("", "/tags/JS/v2/k/config", "https://jssdkcdns.mparticle.com/JS/v2/theirs/config"),
        ("us2.", "/tags/JS/v2/k/config", "https://jssdkcdns.mparticle.com/JS/v2/theirs/config"),
        ("us2.", "/config/v4/k/config", "https://config2.mparticle.com/v4/theirs/config"),
        ("", "/identity/v1/login", "https://identity.mparticle.com/v1/login"),
        ("eu1.", "/webevents/v1/identity/-7/modify", "https://identity.eu1.mparticle.com/v1/-7/modify"),
        ("au1.", "/webevents/v2/JS/k/Forwarding", "https://jssdks.au1.mparticle.com/v2/JS/theirs/Forwarding"),
        ("us1.", "/webevents/v1/identity/k/Alias", "https://jssdks.us1.mparticle.com/v1/identity/theirs/Alias"),
        ("us1.", "/nativeevents/v1/identity/k/alias", "https://nativesdks.us1.mparticle.com/v1/identity/theirs/alias"),
    ],
)
def test_each_request_has_its_host_in_the_destinations_pod(pod, path, place):
    source = SimpleNamespace(passed_on_url=f"https://s2s.{pod}mparticle.com", passed_on_key="theirs")
    assert pass_through.address(routes.match(path), source) == place


def test_no_other_host_is_taken_for_a_pod():
    for url in ("https://s2s.evil.com", "https://s2s.us1.mparticle.com.evil.com", "http://s2s.mparticle.com"):
        source = SimpleNamespace(passed_on_url=url, passed_on_key="theirs")
        assert pass_through.address(routes.match("/v1/identify"), source) == ""
