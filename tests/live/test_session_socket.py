"""A browser that watches a session sees each event once, in order, whatever happens to it or to the layer."""

import time

from sessions_app.models import MediaSession
from tests.ingest.client import batch, event


def now_ms():
    return time.time_ns() // 1_000_000


async def watched_session(doors, cast, *events):
    """The stored session "s1" of Northlight."""
    first = events or (event("Media Session Start", now_ms() - 5000, "s1", "start"),)
    answer = await doors.web(cast.web, batch(*first))
    assert answer.status_code == 202, answer.text
    return await MediaSession.objects.aget(media_session_id="s1")


async def test_a_play_reaches_the_browser_that_watches_the_session(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    hello = await browser.hello()
    assert (hello["outcome"], hello["seq"]) == ("reset", 1)

    play = event("Play", now_ms() - 1000, "s1", "play")
    await doors.web(cast.web, batch(play))

    frame = await browser.next()
    assert [shown["name"] for shown in frame["events"]] == ["Play"]
    assert (frame["since"], frame["version"], frame["seq"]) == (hello["version"], hello["version"] + 1, 2)
    assert frame["session"]["state"] == "playing"
    assert [span["state"] for span in frame["timeline"]["playback"]][-1] == "playing"


async def test_the_same_event_again_is_silence(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    play = event("Play", now_ms() - 1000, "s1", "play")
    await doors.web(cast.web, batch(play))
    await browser.next()

    await doors.web(cast.web, batch(play))

    assert await browser.hears_nothing()


async def test_who_has_read_everything_missed_nothing(live, doors, cast):
    session = await watched_session(doors, cast)
    hello = await live(f"/ws/sessions/{session.pk}/?after=1", cast.vera).hello()
    assert (hello["outcome"], hello["events"], hello["timeline"]) == ("nothing_missed", [], None)


async def test_who_was_away_gets_exactly_what_was_missed(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    await browser.leave()
    started_ms = now_ms() - 4000
    for number, name in enumerate(("Play", "Pause", "Play")):
        await doors.web(cast.web, batch(event(name, started_ms + 1000 * number, "s1", f"missed-{number}")))

    hello = await live(f"/ws/sessions/{session.pk}/?after=1", cast.vera).hello()

    assert hello["outcome"] == "replayed"
    assert [(shown["seq"], shown["name"]) for shown in hello["events"]] == [(2, "Play"), (3, "Pause"), (4, "Play")]
    assert [span["state"] for span in hello["timeline"]["playback"]][-2:] == ["paused", "playing"]


async def test_of_a_long_session_the_last_thousand_events_are_resent_without_a_hole(live, doors, cast):
    """What is before them a page asks of the REST API, and who is further behind begins anew."""
    began_ms, count = now_ms() - 1_500_000, 1300
    told = [event("Update Playhead Position", began_ms + 1000 * number, "s1", f"e{number}") for number in range(count)]
    session = await watched_session(doors, cast, *told[:100])
    for first in range(100, count, 100):
        await doors.web(cast.web, batch(*told[first : first + 100]))

    outcomes = {}
    for after in (None, 299, 300, 1100):
        address = f"/ws/sessions/{session.pk}/" + ("" if after is None else f"?after={after}")
        hello = await live(address, cast.vera).hello()
        outcomes[after] = (hello["outcome"], [shown["seq"] for shown in hello["events"]])

    assert outcomes == {
        None: ("reset", list(range(301, 1301))),
        299: ("reset", list(range(301, 1301))),
        300: ("replayed", list(range(301, 1301))),
        1100: ("replayed", list(range(1101, 1301))),
    }


async def test_a_seq_from_the_future_is_answered_with_a_reset(live, doors, cast):
    session = await watched_session(doors, cast)
    hello = await live(f"/ws/sessions/{session.pk}/?after=99", cast.vera).hello()
    assert hello["outcome"] == "reset"
    assert [shown["seq"] for shown in hello["events"]] == [1]
    assert hello["timeline"]["from_ms"] is None


async def test_resume_on_an_open_socket_fills_the_hole(live, doors, cast):
    session = await watched_session(doors, cast)
    await doors.web(cast.web, batch(event("Play", now_ms() - 1000, "s1", "play")))
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()

    await browser.say({"resume": 1})

    hello = await browser.next()
    assert (hello["outcome"], [shown["seq"] for shown in hello["events"]]) == ("replayed", [2])


async def test_a_late_event_redraws_the_timeline_from_its_own_time_on(live, doors, cast):
    started_ms = now_ms() - 60_000
    session = await watched_session(
        doors,
        cast,
        event("Media Session Start", started_ms, "s1", "start"),
        event("Play", started_ms + 1000, "s1", "play"),
        event("Pause", started_ms + 40_000, "s1", "pause"),
    )
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()

    await doors.web(cast.web, batch(event("Buffer Start", started_ms + 20_000, "s1", "late")))

    frame = await browser.next()
    assert frame["events"][0]["is_late"]
    assert frame["timeline"]["from_ms"] <= started_ms + 20_000
    assert "buffering" in [span["state"] for span in frame["timeline"]["playback"]]


async def test_frames_say_nothing_that_names_the_viewer(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    hello = await browser.hello()
    assert hello["session"]["mpid_masked"] == "8789"

    named = event("Play", now_ms() - 1000, "s1", "play", Email="kim@example.org", note="ask kim@example.org")
    await doors.web(cast.web, batch(named, user_identities={"email": "kim@example.org"}))

    text = await browser.socket.receive_from(timeout=5)
    assert "kim@" not in text
    assert "7346244611012968789" not in text


async def test_frames_name_the_viewer_by_an_identity_of_no_meaning(live, doors, cast):
    session = await watched_session(doors, cast)
    hello = await live(f"/ws/sessions/{session.pk}/", cast.vera).hello()
    mpid = await session.identities.select_related("identity").aget(identity__type="mpid")
    assert hello["session"]["viewer_ref"] == str(mpid.identity_id)


async def test_a_message_that_cannot_be_meant_is_refused_and_the_socket_stays(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    odd = [
        "no json",
        "[" * 5000,
        '{"resume": NaN}',
        {"resume": -1},
        {"resume": 2**63},
        {"resume": "x"},
        {"resume": True},
        {"subscribe": 7},
        {"ack": 1, "resume": 1},
        [],
    ]
    for message in odd:
        await browser.say(message)
        assert (await browser.next())["type"] == "error", message

    await doors.web(cast.web, batch(event("Play", now_ms() - 1000, "s1", "play")))
    assert (await browser.next())["type"] == "frame"


async def test_a_wrong_after_is_refused_aloud_and_answered_with_everything(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/?after=-1", cast.vera)
    assert (await browser.hello())["code"] == "INVALID_SEQ"
    assert (await browser.next())["outcome"] == "reset"


async def test_binary_closes_the_socket(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    await browser.socket.send_to(bytes_data=b"\0")
    assert await browser.closed() == 1003


async def test_a_flood_of_messages_closes_that_socket_and_no_other(live, doors, cast):
    session = await watched_session(doors, cast)
    flooding, watching = (live(f"/ws/sessions/{session.pk}/", cast.vera) for _ in range(2))
    await flooding.hello()
    await watching.hello()
    for _ in range(100):
        await flooding.say({"resume": 1})
    assert await flooding.closed() == 1008

    await doors.web(cast.web, batch(event("Play", now_ms() - 1000, "s1", "play")))
    assert (await watching.next())["type"] == "frame"
