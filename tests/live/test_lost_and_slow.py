"""What a lost hint, a dead layer and a reader who does not read cost: time, and nobody else anything."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from sessions_app.live import credit, guard, publish
from sessions_app.live.hub import hub
from sessions_app.models import MediaSession
from tests.ingest.client import batch, event
from tests.live.test_session_socket import now_ms, watched_session

NOWHERE = {
    "default": {
        **settings.CHANNEL_LAYERS["default"],
        "CONFIG": {"hosts": [{"address": "unix:///nonexistent/valkey.sock", "socket_connect_timeout": 1}]},
    }
}


@pytest.fixture
def no_hints(monkeypatch):
    """Hints reach nobody, not even this process."""
    monkeypatch.setattr(publish.Announcer, "announce", lambda self, changes: None)


@pytest.fixture
def impatient(monkeypatch):
    """Readers are given a handful of frames and little time."""
    monkeypatch.setattr(credit, "MOST_FRAMES", 4)
    monkeypatch.setattr(guard, "BEHIND_LIMIT_S", 0.5)


async def post_plays(doors, cast, numbers):
    for number in numbers:
        name = "Pause" if number % 2 else "Play"
        await doors.web(cast.web, batch(event(name, now_ms() - 1000 + number, "s1", f"e{number}")))


async def test_a_lost_hint_costs_a_poll_and_no_event(live, doors, cast, no_hints):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    await post_plays(doors, cast, range(3))
    seen = await browser.until(lambda message: message["seq"] == 4)
    assert [shown["seq"] for message in seen for shown in message["events"]] == [2, 3, 4]


async def test_without_a_layer_this_process_still_tells_at_once(live, doors, cast, settings):
    settings.CHANNEL_LAYERS = NOWHERE
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    await post_plays(doors, cast, [0])
    assert (await browser.next())["seq"] == 2


async def test_announcing_to_a_dead_layer_is_never_waited_for(live, settings):
    settings.CHANNEL_LAYERS = NOWHERE
    for version in range(1000):
        publish.announce([(1, 1, version)])
    assert len(publish.announcer().waiting) == 1


async def test_a_hint_through_the_layer_reaches_another_process(live, doors, cast, monkeypatch):
    """The hub's ear for its own process is stopped and it never looks itself: what arrives came through Valkey."""
    monkeypatch.setattr("sessions_app.live.hub.POLL_EVERY_S", 60)
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    publish.announcer().listeners.discard(hub().hear)
    async with asyncio.timeout(5):
        await hub().subscribed.wait()
    await post_plays(doors, cast, [0])
    assert (await browser.next())["seq"] == 2


async def test_a_worker_is_heard_by_every_web_process(live, doors, cast, monkeypatch):
    """A sweep closes a session in a worker; the page shows it without an event and without a poll."""
    monkeypatch.setattr("sessions_app.live.hub.POLL_EVERY_S", 60)
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    async with asyncio.timeout(5):
        await hub().subscribed.wait()
    closed = {"live": False, "state": "ended", "ended_reason": "timed_out", "version": session.version + 1}
    await MediaSession.objects.filter(pk=session.pk).aupdate(**closed)

    assert await sync_to_async(publish.announce_sync)([(session.workspace_id, session.pk, session.version + 1)])

    frame = await browser.next()
    assert (frame["events"], frame["session"]["live"]) == ([], False)
    assert frame["session"]["ended_reason"] == "timed_out"


async def test_who_acknowledges_nothing_is_left_behind_and_closed(live, doors, cast, impatient):
    session = await watched_session(doors, cast)
    slow, normal = (live(f"/ws/sessions/{session.pk}/", cast.vera) for _ in range(2))
    await slow.hello()
    await normal.hello()
    for number in range(8):
        await post_plays(doors, cast, [number])
        frame = await normal.next()
        await normal.say({"ack": frame["seq"]})

    for _ in range(3):
        await slow.next()
    assert await slow.closed() == 4409
    await post_plays(doors, cast, [8])
    assert (await normal.next())["seq"] == 10


async def test_who_catches_up_is_brought_to_the_latest_state_at_once(live, doors, cast, impatient, monkeypatch):
    monkeypatch.setattr(guard, "BEHIND_LIMIT_S", 60)
    session = await watched_session(doors, cast)
    slow, normal = (live(f"/ws/sessions/{session.pk}/", cast.vera) for _ in range(2))
    await slow.hello()
    await normal.hello()
    for number in range(8):
        await post_plays(doors, cast, [number])
        await normal.say({"ack": (await normal.next())["seq"]})
    frames = [await slow.next() for _ in range(3)]
    last_seq = frames[-1]["seq"]
    assert await slow.hears_nothing()

    await slow.say({"ack": last_seq})

    caught_up = await slow.next()
    assert (caught_up["type"], caught_up["outcome"], caught_up["seq"]) == ("hello", "replayed", 9)
    assert [shown["seq"] for shown in caught_up["events"]] == list(range(last_seq + 1, 10))


async def test_a_browser_cut_twenty_times_misses_nothing_and_sees_nothing_twice(live, doors, cast):
    session = await watched_session(doors, cast)
    seen = []
    for number in range(20):
        browser = live(f"/ws/sessions/{session.pk}/?after={len(seen)}", cast.vera)
        hello = await browser.hello()
        seen += [shown["seq"] for shown in hello["events"]]
        await post_plays(doors, cast, [2 * number])
        seen += [shown["seq"] for shown in (await browser.next())["events"]]
        await browser.leave()
        await post_plays(doors, cast, [2 * number + 1])
    hello = await live(f"/ws/sessions/{session.pk}/?after={len(seen)}", cast.vera).hello()
    seen += [shown["seq"] for shown in hello["events"]]
    assert seen == list(range(1, 42))
