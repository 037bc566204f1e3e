"""What the quarantine and the feed report say of what came: where it was wrong, and what kind of feed it is."""

import datetime as dt
import time

from asgiref.sync import sync_to_async
from django.utils import timezone

from sessions_app.api.feeds import feeds
from sessions_app.models import Quarantined, Workspace
from tests.ingest.client import basic, batch, event, make_feed


def untimed(message_id=None):
    return event("Play", at_ms="soon", message_id=message_id)


async def kept_pointers():
    return [pointer async for pointer in Quarantined.objects.order_by("id").values_list("pointer", flat=True)]


async def test_the_client_is_told_the_place_in_its_batch_and_we_keep_the_place_in_the_bytes(doors):
    feed = await make_feed()
    answer = await doors.server(feed, batch(event("Pause"), untimed(), untimed()))
    time_of = "/events/{}/data/timestamp_unixtime_ms"
    assert [error["pointer"] for error in answer.json()["errors"]] == [time_of.format(1), time_of.format(2)]
    # Alike faults are one group, and the pointer finds its line in the sample.
    assert await kept_pointers() == [time_of.format(0)] * 2


async def test_in_bulk_the_place_begins_with_the_batch(doors):
    feed = await make_feed()
    post = {"path": "/v2/bulkevents", "headers": {**basic(feed), "content-type": "application/json"}}
    first = batch(event("Play", message_id="m-1"))
    bad = batch(event("Play"), untimed(), event("Pause", message_id="m-1"), 7)
    answer = await doors.post(body=[first, bad, 7], **post)
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/1/events/1/data/timestamp_unixtime_ms", "/1/events/2", "/1/events/3", "/2",
    }  # fmt: skip
    assert set(await kept_pointers()) == {"/events/0/data/timestamp_unixtime_ms", "/events/0", ""}


async def report_of(feed):
    workspace = await Workspace.objects.aget(pk=feed.workspace_id)
    (row,) = await sync_to_async(feeds)(workspace, timezone.now() - dt.timedelta(hours=1))
    return row


async def test_a_feed_is_reported_with_what_it_lacks_and_what_was_guessed(doors):
    feed = await make_feed()
    now_ms = int(time.time() * 1000)
    summary = event("Media Session Summary", now_ms, "whole", media_time_spent="112")
    whole = [event("Media Session Start", now_ms, "whole"), event("Ad Start", now_ms, "whole"), summary]
    headless = [event("Ad Skip", now_ms, "headless"), event("Segment End", now_ms, "headless")]
    sent = batch(*whole, *headless, timestamp_unixtime_ms=now_ms + 3_600_000)
    assert (await doors.server(feed, sent)).json()["accepted"] == 5
    row = await report_of(feed)
    assert (row["sessions"], row["events"]) == (2, 5)
    assert (row["no_start"], row["orphan_ends"], row["guessed"]) == (1, 1, 1)
    # An hour, less the way here.
    assert 3_500_000 < row["skew_p50_ms"] <= 3_600_000


async def test_a_platform_whose_unit_is_known_is_no_guess(doors):
    feed = await make_feed()
    told = {"device_info": {"platform": "iOS"}}
    await doors.server(feed, batch(event("Media Session Summary", media_time_spent="112.5"), **told))
    row = await report_of(feed)
    assert (row["guessed"], row["converted"]) == (0, 1)
