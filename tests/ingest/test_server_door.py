"""The door of the Events API."""

from sessions_app.models import MediaEvent, MediaSession, RawBatch
from tests.ingest.client import accounts, batch, event, make_feed, play_through


async def test_an_answered_event_is_stored(doors):
    feed = await make_feed()
    answer = await doors.server(feed, batch(event("Play")))
    assert (answer.status_code, answer.json()) == (
        202,
        {"accepted": 1, "duplicates": 0, "quarantined": 0, "errors": []},
    )
    session = await MediaSession.objects.aget()
    assert (session.media_session_id, session.state) == ("session-1", "playing")
    assert (session.version, session.last_seq) == (1, 1)
    assert await MediaEvent.objects.filter(session_id=session.id, name="Play").acount() == 1
    assert await RawBatch.objects.acount() == 1


async def test_sending_again_changes_nothing(doors):
    feed = await make_feed()
    sent = batch(*play_through())
    await doors.server(feed, sent)
    before = await MediaSession.objects.values().aget()
    for _ in range(3):
        answer = await doors.server(feed, sent)
        assert (answer.status_code, answer.json()["duplicates"]) == (202, 7)
    after = await MediaSession.objects.values().aget()
    assert after.pop("duplicate_count") == 21
    before.pop("duplicate_count")
    assert after == before
    assert await MediaEvent.objects.acount() == 7
    assert await RawBatch.objects.acount() == 1
    assert (await accounts(feed))["duplicate"] == 21
