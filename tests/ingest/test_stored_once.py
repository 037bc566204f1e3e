"""Once, in any order, whoever sends at the same time; what contradicts itself goes to quarantine."""

import asyncio
import json
import random
import time

from sessions_app.models import MediaEvent, MediaSession, Quarantined, ViewerEvent
from sessions_app.timeline.state import State
from tests.ingest.client import HOUR_AGO_MS, accounts, batch, event, make_feed, play_through, told


async def test_the_order_of_arrival_does_not_matter(doors):
    feed = await make_feed()
    events = play_through("in-order")
    await doors.server(feed, batch(*events))
    straight = told(await MediaSession.objects.aget())
    for seed in range(4):
        name = f"shuffled-{seed}"
        shuffled = play_through(name)
        random.Random(seed).shuffle(shuffled)
        for one in shuffled:
            await doors.server(feed, batch(one))
        assert told(await MediaSession.objects.aget(media_session_id=name)) == straight


async def test_an_event_knows_when_it_was_stored(doors):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play", HOUR_AGO_MS, "one", "a")))
    stored = await MediaEvent.objects.aget()
    assert stored.received_at_ms <= stored.stored_at_ms <= time.time() * 1000


async def test_the_same_batches_from_eight_sides_at_once_are_stored_once(doors, settings):
    settings.INGEST_WRITERS = 4
    feed = await make_feed()
    sessions = [f"session-{n}" for n in range(6)]
    batches = [batch(*play_through(session)) for session in sessions]
    mixed = [
        batch(*(event("Play", HOUR_AGO_MS, session, f"mixed-{n}-{session}") for session in sessions)) for n in range(6)
    ]
    copies = [one for one in [*batches, *mixed] for _ in range(8)]
    random.Random(3).shuffle(copies)
    answers = await asyncio.gather(*(doors.server(feed, one) for one in copies))
    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.json()["accepted"] for answer in answers) == 6 * 7 + 6 * 6
    assert await MediaEvent.objects.acount() == 78
    async for session in MediaSession.objects.all():
        seqs = [seq async for seq in session.events.order_by("seq").values_list("seq", flat=True)]
        assert seqs == list(range(1, 14))
        assert session.last_seq == 13
    counted = await accounts(feed)
    assert (counted["stored"], counted["duplicate"]) == (78, 7 * 78)


async def test_sessions_named_in_opposite_order_by_many_do_not_lock_each_other_out(doors, settings):
    settings.INGEST_WRITERS = 4
    feed = await make_feed()
    there, back = [f"s{n}" for n in range(12)], [f"s{n}" for n in reversed(range(12))]
    posts = [batch(*(event("Play", session=name) for name in (there if n % 2 else back))) for n in range(32)]
    answers = await asyncio.gather(*(doors.server(feed, one) for one in posts))
    assert {answer.status_code for answer in answers} == {202}
    assert await MediaEvent.objects.acount() == 32 * 12


async def test_the_same_id_with_other_content_is_a_conflict(doors):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play", message_id="one", playhead_position=1)))
    answer = await doors.server(feed, batch(event("Play", message_id="one", playhead_position=2), event("Pause")))
    assert (answer.json()["accepted"], answer.json()["quarantined"]) == (1, 1)
    assert answer.json()["errors"][0]["code"] == "CONFLICT"
    held = await Quarantined.objects.aget()
    assert held.code == "CONFLICT"
    assert [
        sent["data"]["custom_attributes"]["playhead_position"] for sent in json.loads(bytes(held.raw))["events"]
    ] == [2]
    session = await MediaSession.objects.aget()
    assert (session.quarantined_count, session.last_seq) == (1, 2)
    kept = await MediaEvent.objects.aget(name="Play")
    assert '"playhead_position":1' in kept.attributes
    await accounts(feed)


async def test_a_reused_batch_id_does_not_hide_new_events(doors):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play"), request_id="reused"))
    answer = await doors.server(feed, batch(event("Pause"), request_id="reused"))
    assert answer.json()["accepted"] == 1


async def test_an_event_without_a_session_is_kept_under_its_viewer_once(doors):
    feed = await make_feed()
    lonely = event("Milestone", message_id="lonely")
    del lonely["data"]["custom_attributes"]["media_session_id"]
    for _ in range(2):
        answer = await doors.server(feed, batch(lonely, event("Play", message_id="with")))
    assert answer.json()["duplicates"] == 2
    kept = await ViewerEvent.objects.aget()
    assert (kept.name, kept.lane is not None) == ("Milestone", True)
    assert await MediaSession.objects.acount() == 1


async def test_two_inputs_do_not_share_a_session(doors):
    for feed in (await make_feed(), await make_feed("web")):
        await doors.server(feed, batch(event("Play", message_id="same")))
    assert await MediaSession.objects.acount() == 2
    assert await MediaEvent.objects.acount() == 2


async def test_a_fold_that_somebody_else_wrote_is_the_one_that_is_carried_on(doors):
    feed = await make_feed()
    told_of = play_through()
    await doors.server(feed, batch(*told_of[:2]))
    session = await MediaSession.objects.aget()
    state = State.decode(bytes(session.fold))
    state.pause_count = 40
    await MediaSession.objects.aupdate(fold=state.encode())
    await doors.server(feed, batch(told_of[2]))
    assert told(await MediaSession.objects.aget())["pause_count"] == 41
