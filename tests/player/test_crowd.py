"""Simulated viewers: believable, repeatable, and readable by every door."""

import asyncio
import itertools
from collections import Counter

import httpx

from sessions_app.player import catalogue
from sessions_app.player.crowd import Crowd
from sessions_app.player.seat import Seat
from sessions_app.player.transport import AsyncSender, EventsApi, NativeSdk, WebSdk
from sessions_app.timeline import events
from sessions_app.wire.native import parse_native
from sessions_app.wire.parse import parse
from sessions_app.wire.unpack import inflate

START_MS = 1_795_400_000_000


def doors():
    made = {}
    for device in catalogue.DEVICES:
        if device.platform == "web":
            made[device.input_name] = WebSdk("http://door", "web")
        elif device.platform == "server":
            made[device.input_name] = EventsApi("http://door", "server", "s")
        else:
            made[device.input_name] = NativeSdk("http://door", device.platform, "s", device.platform)
    return made


def read(url, headers, content):
    if "/JS/" in url or url.endswith("/v2/events"):
        return parse(content, START_MS, "")
    platform = url.split("/")[-2]
    return parse_native(inflate(content, 10**7) if platform != "roku" else content, START_MS, platform)


def played(seed, number):
    """Everything one viewer uploads, from start to leaving."""
    seat = Seat(seed, number, people=50, doors=doors(), pulse_s=5, starts_at_ms=START_MS)
    while (wait := seat.step()) is not None:
        seat.clock_ms += int(wait * 1000)
    return [read(*request) for request in seat.flush()[:1]]


def story(number, seed="s"):
    return [
        (one.event.name, one.event.at_ms, one.event.key, one.attributes_json)
        for batch in played(seed, number)
        for one in batch.reported
    ]


def test_a_seed_gives_the_same_viewers_again():
    assert [story(number) for number in range(6)] == [story(number) for number in range(6)]
    assert story(1) != story(1, seed="another")


def test_everything_a_crowd_sends_is_understood():
    names = Counter()
    for number in range(60):
        for batch in played("s", number):
            assert batch.rejected == ()
            assert batch.ignored == 0
            assert len({one.media_session_id for one in batch.reported}) == 1
            names.update(one.event.name for one in batch.reported)
    assert names.keys() >= events.NAMES - {"Segment Skip", "Ad Click", "Media Content End"}


def test_events_of_a_viewer_follow_one_another():
    for number in range(20):
        times = [at_ms for _, at_ms, _, _ in story(number)]
        assert times == sorted(times)


def test_titles_are_told_apart():
    ids = [title.content_id for title in catalogue.TITLES]
    assert len(set(ids)) == len(ids)
    assert {title.stream_type for title in catalogue.TITLES} >= {"OnDemand", "LiveStream", "Podcast"}


class Doors:
    """A server that takes everything and reads it."""

    def __init__(self):
        self.sessions = {}

    def __call__(self, request):
        batch = read(str(request.url), request.headers, request.content)
        for one in batch.reported:
            self.sessions.setdefault(one.media_session_id, []).append(one.event.name)
        return httpx.Response(202, json={})


def crowd_at(server, **settings):
    client = httpx.AsyncClient(transport=httpx.MockTransport(server))
    return Crowd(AsyncSender(client), doors(), seed="s", **settings)


async def test_a_live_crowd_moves_at_once_and_says_goodbye():
    server = Doors()
    crowd = crowd_at(server, sessions=20, rate=20)
    playing = asyncio.create_task(crowd.live())
    async with asyncio.timeout(20):
        while len(server.sessions) < 15:
            await asyncio.sleep(0.05)
    crowd.stopping.set()
    await playing
    assert crowd.counts.refused == crowd.counts.undelivered == 0
    assert all("Media Session End" in names for names in server.sessions.values())


async def test_a_crowd_has_been_watching_for_minutes_when_it_is_first_seen():
    first_at_ms = {}

    def door(request):
        for one in read(str(request.url), request.headers, request.content).reported:
            first_at_ms.setdefault(one.media_session_id, one.event.at_ms)
        return httpx.Response(202, json={})

    ticks = itertools.count(START_MS, 100)
    crowd = crowd_at(door, sessions=20, rate=20, now=lambda: next(ticks))
    await crowd.live(minutes=0.1)
    began = sorted(START_MS - at_ms for at_ms in first_at_ms.values())
    assert began[len(began) // 2] > 60_000


async def test_the_past_is_sent_whole_and_lies_in_the_past():
    server = Doors()
    crowd = crowd_at(server, sessions=5, rate=5, now=lambda: START_MS)
    await crowd.past(2, 10)
    assert 5 <= len(server.sessions) <= 10
    assert all(names[0] == "Media Session Start" for names in server.sessions.values())
    assert all("Media Session End" in names for names in server.sessions.values())


async def test_who_leaves_is_replaced():
    server = Doors()
    ticks = itertools.count(START_MS, 5_000)
    crowd = crowd_at(server, sessions=2, rate=0.1, now=lambda: next(ticks))
    await crowd.live(minutes=40)
    assert crowd.counts.seated > 2
