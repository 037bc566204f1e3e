"""For CNAME customers: mParticle answers when it is asked, and we do when it does not."""

import asyncio
import contextlib
import json

import pytest

from mediadash import crypto
from sessions_app.models import Destination
from tests.ingest.client import make_feed

IDENTIFY = {"known_identities": {"customer_id": "vera"}, "request_id": "r1"}


@contextlib.asynccontextmanager
async def stand_in(status=200, answer=b'{"mpid":"42"}'):
    """Something that answers every request alike; gives its address and what it was asked."""
    asked = []

    async def answers(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        asked.append((head.split(b"\r\n")[0].decode(), await reader.readexactly(length)))
        writer.write(
            b"HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(answer)) + answer
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def feed_with_destination():
    feed = await make_feed("web")
    await Destination.objects.acreate(
        workspace_id=feed.workspace_id,
        name="mParticle", url="https://s2s.mparticle.com", key="theirs", secret_encrypted=crypto.encrypt("s"),
    )  # fmt: skip
    return feed


async def identify(doors, feed):
    headers = {"content-type": "application/json", "x-mp-key": feed.key}
    answer = await doors.post("/identity/v1/identify", json.dumps(IDENTIFY).encode(), headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


async def test_identity_is_mparticles_when_the_operator_says_so(doors, settings):
    feed = await feed_with_destination()
    async with stand_in() as (url, asked):
        settings.CNAME_PASS_THROUGH = url
        assert (await identify(doors, feed))["mpid"] == "42"
    assert asked == [("POST /v1/identify HTTP/1.1", json.dumps(IDENTIFY).encode())]


@pytest.mark.parametrize("status", [302, 401, 503])
async def test_identity_is_ours_when_mparticle_does_not_answer_well(doors, settings, status):
    feed = await feed_with_destination()
    ours = await identify(doors, feed)
    async with stand_in(status) as (url, asked):
        settings.CNAME_PASS_THROUGH = url
        assert await identify(doors, feed) == ours
    assert asked
    # Nobody listens there any more.
    assert await identify(doors, feed) == ours


async def test_without_a_destination_nobody_is_asked(doors, settings):
    feed = await make_feed("web")
    async with stand_in() as (url, asked):
        settings.CNAME_PASS_THROUGH = url
        assert (await identify(doors, feed))["mpid"] != "42"
    assert not asked


async def test_configuration_and_statistics_go_to_their_own_places(doors, settings):
    feed = await feed_with_destination()
    async with stand_in() as (url, asked):
        settings.CNAME_PASS_THROUGH = url
        await doors.http.get(f"/tags/JS/v2/{feed.key}/config")
        await doors.post(f"/webevents/v1/JS/{feed.key}/Forwarding", b"{}", {})
        await doors.post(f"/webevents/v1/identity/{feed.key}/Alias", b"{}", {})
    assert [line for line, _ in asked] == [
        "GET /JS/v2/theirs/config HTTP/1.1",
        "POST /v1/JS/theirs/Forwarding HTTP/1.1",
        "POST /v1/identity/theirs/Alias HTTP/1.1",
    ]
