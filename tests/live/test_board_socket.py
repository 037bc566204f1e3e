"""The live board: who is on it, what its numbers say, and that a page sees it move."""

from asgiref.sync import sync_to_async

from sessions_app.live import rows
from sessions_app.live.board import snapshot
from sessions_app.live.filters import filters_of
from sessions_app.models import MediaSession
from tests.ingest.client import batch, event
from tests.live.test_session_socket import now_ms


async def plays(doors, cast, name, since_ms=5000, device=None, **attributes):
    started_ms = now_ms() - since_ms
    events = [
        event("Media Session Start", started_ms, name, f"{name}-start", **attributes),
        event("Play", started_ms + 400, name, f"{name}-play", **attributes),
    ]
    answer = await doors.web(
        cast.web, batch(*events, mpid=str(7346244611012968000 + int(name[1:])), device_info=device or {})
    )
    assert answer.status_code == 202
    return await MediaSession.objects.aget(media_session_id=name)


async def ends(doors, cast, name):
    await doors.web(cast.web, batch(event("Media Session End", now_ms(), name, f"{name}-end")))


async def test_the_board_begins_with_everybody_who_is_live(live, doors, cast):
    first = await plays(doors, cast, "s1", content_title="Meltwater")
    second = await plays(doors, cast, "s2")
    await ends(doors, cast, "s2")
    third = await plays(doors, cast, "s3")

    board = await live("/ws/live/", cast.vera).hello()

    assert (board["type"], board["reset"]) == ("board", True)
    assert [row["id"] for row in board["upsert"]] == [str(third.pk), str(first.pk)]
    assert board["upsert"][1]["content_title"] == "Meltwater"
    assert (board["total"], board["matched"], board["by_state"]) == (2, 2, {"playing": 2})
    assert board["figures"]["viewers_now"] == 2
    assert board["figures"]["plays_per_minute"] == 3
    assert board["figures"]["viewers_30min"][-1] == 2
    assert len(board["figures"]["viewers_30min"]) == 30
    assert board["titles"][0]["viewers"] == 2
    assert second.pk


async def test_an_inferred_playhead_stops_at_the_end_of_the_content(live, doors, cast):
    await plays(doors, cast, "s1", since_ms=90_000, content_duration=60_000, playhead_position=0)
    board = await live("/ws/live/", cast.vera).hello()
    assert board["upsert"][0]["playhead_position_ms"] == 60_000


async def test_a_new_session_appears_on_an_open_board(live, doors, cast):
    browser = live("/ws/live/", cast.vera)
    assert (await browser.hello())["upsert"] == []
    session = await plays(doors, cast, "s1")
    seen = await browser.until(lambda message: message["upsert"])
    assert [row["id"] for row in seen[-1]["upsert"]] == [str(session.pk)]
    assert seen[-1]["seq"] == len(seen)


async def test_a_session_that_ends_is_said_to_have_ended(live, doors, cast):
    session = await plays(doors, cast, "s1")
    browser = live("/ws/live/", cast.vera)
    await browser.hello()
    await ends(doors, cast, "s1")
    seen = await browser.until(lambda message: message["ended"])
    assert seen[-1]["ended"] == [str(session.pk)]
    assert seen[-1]["upsert"][0]["state"] == "ended"


async def test_filters_choose_rows_and_figures(live, doors, cast):
    await plays(doors, cast, "s1", stream_type="LiveStream")
    await plays(doors, cast, "s2", stream_type="OnDemand")
    board = await live("/ws/live/?stream_type=LiveStream", cast.vera).hello()
    assert [row["media_session_id"] for row in board["upsert"]] == ["s1"]
    assert (board["total"], board["matched"], board["figures"]["viewers_now"]) == (2, 1, 1)


async def test_a_row_that_no_longer_matches_is_gone(live, doors, cast):
    session = await plays(doors, cast, "s1")
    browser = live("/ws/live/?state=playing", cast.vera)
    await browser.hello()
    await doors.web(cast.web, batch(event("Pause", now_ms(), "s1", "pause")))
    seen = await browser.until(lambda message: message["gone"])
    assert seen[-1]["gone"] == [str(session.pk)]


async def test_sessions_that_need_attention_come_first(live, doors, cast):
    troubled = await plays(doors, cast, "s1")
    await doors.web(cast.web, batch(event("Playback Error", now_ms() - 500, "s1", "error")))
    await plays(doors, cast, "s2")
    board = await live("/ws/live/?sort=attention", cast.vera).hello()
    assert board["upsert"][0]["id"] == str(troubled.pk)
    assert board["upsert"][0]["health"]["error_count"] == 1


async def test_a_stall_grows_on_the_board_while_nothing_is_reported(live, doors, cast, monkeypatch):
    monkeypatch.setattr(rows, "STALL_TOLD_EVERY_MS", 200)
    await plays(doors, cast, "s1", since_ms=20_000)
    await doors.web(cast.web, batch(event("Buffer Start", now_ms() - 4000, "s1", "s1-stall")))
    browser = live("/ws/live/", cast.vera)
    first = await browser.hello()
    before = first["upsert"][0]["health"]
    assert (before["rebuffer_count"], before["rebuffer_ms"] >= 4000) == (1, True)
    seen = await browser.until(lambda message: message["upsert"])
    assert seen[-1]["upsert"][0]["health"]["rebuffer_ms"] > before["rebuffer_ms"]
    assert seen[-1]["figures"]["rebuffer_ratio"] > first["figures"]["rebuffer_ratio"]


async def test_another_workspace_is_on_another_board(live, doors, cast):
    await plays(doors, cast, "s1")
    board = await live("/ws/live/", cast.eve).hello()
    assert (board["upsert"], board["total"]) == ([], 0)


async def test_the_page_and_the_socket_begin_with_the_same_board(live, doors, cast):
    await plays(doors, cast, "s1")
    of_page = await sync_to_async(snapshot)(cast.northlight.pk, filters_of({}))
    of_socket = await live("/ws/live/", cast.vera).hello()
    assert of_page.keys() == of_socket.keys()
    assert [row["id"] for row in of_page["upsert"]] == [row["id"] for row in of_socket["upsert"]]
    assert of_page["by_state"] == of_socket["by_state"]


async def test_resume_on_the_board_sends_it_whole(live, doors, cast):
    await plays(doors, cast, "s1")
    browser = live("/ws/live/", cast.vera)
    await browser.hello()
    await browser.say({"resume": 0})
    seen = await browser.until(lambda message: message.get("reset"))
    assert [row["media_session_id"] for row in seen[-1]["upsert"]] == ["s1"]
