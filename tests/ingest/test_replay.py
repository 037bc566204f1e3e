"""What was quarantined goes through the same door again, after a fix."""

import json

import pytest
from asgiref.sync import sync_to_async

from sessions_app.ingest.replay import NotReplayableError, replay_quarantined
from sessions_app.models import MediaEvent, Quarantined
from tests.ingest.client import accounts, batch, event, make_feed


async def test_a_fixed_event_is_stored_and_counted_once(doors):
    feed = await make_feed()
    bad = event("Pause")
    bad["data"]["timestamp_unixtime_ms"] = "yesterday"
    await doors.server(feed, batch(event("Play"), bad))
    held = await Quarantined.objects.aget()
    again = await sync_to_async(replay_quarantined)(held.pk)
    assert (again.outcome, again.errors[0]["code"]) == ("quarantined", "INVALID_TIMESTAMP")
    assert (await Quarantined.objects.aget()).times == 1
    fixed = json.loads(bytes(held.raw))
    fixed["events"][0]["data"]["timestamp_unixtime_ms"] = 1_795_400_030_000
    await Quarantined.objects.aupdate(raw=json.dumps(fixed).encode())
    assert (await sync_to_async(replay_quarantined)(held.pk)).outcome == "stored"
    assert (await sync_to_async(replay_quarantined)(held.pk)).outcome == "duplicate"
    assert await MediaEvent.objects.acount() == 2
    replayed = await Quarantined.objects.aget()
    assert (replayed.replay_outcome, replayed.replayed_at is not None) == ("duplicate", True)
    counted = await accounts(feed)
    assert (counted["received"], counted["stored"]) == (2, 2)


async def test_what_is_gone_cannot_be_replayed(doors):
    with pytest.raises(NotReplayableError):
        await sync_to_async(replay_quarantined)(1)
