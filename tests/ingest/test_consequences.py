"""What follows from stored events, in the same transaction."""

import datetime as dt
import json

from asgiref.sync import sync_to_async
from django.conf import settings as conf

from sessions_app.keys import erased_key, key128
from sessions_app.models import (
    Delivery,
    Destination,
    Identity,
    MediaEvent,
    MediaSession,
    RawBatch,
    SessionIdentity,
    SettleDue,
    Tombstone,
)
from tests.ingest.client import HOUR_AGO_MS, accounts, batch, event, make_feed, play_through


async def destination(feed, **fields):
    return await Destination.objects.acreate(
        workspace_id=feed.workspace_id, url="https://s2s.mparticle.com", key="k", secret_encrypted=b"", **fields
    )


async def test_a_batch_is_due_once_at_each_destination_that_is_on(doors):
    feed = await make_feed()
    on = await destination(feed, name="on")
    await destination(feed, name="off", is_on=False)
    old, new = event("Play"), event("Pause")
    other = {"event_type": "screen_view", "data": {}}
    await doors.server(feed, batch(old))
    await doors.server(feed, batch(other, old, new))
    await doors.server(feed, batch(old))
    first, second = [row async for row in Delivery.objects.order_by("id")]
    assert (first.destination_id, first.indexes, first.event_count) == (on.id, [0], 1)
    assert (second.indexes, second.status) == ([2], "due")
    assert first.lane == second.lane
    assert str(first.lane).replace("-", "") == key128("7346244611012968789")
    assert await RawBatch.objects.filter(id=second.raw_batch_id).aexists()


async def test_a_sandbox_is_never_forwarded(doors):
    feed = await make_feed()
    await destination(feed, name="on")
    feed.workspace.is_sandbox = True
    await feed.workspace.asave()
    await doors.server(feed, batch(event("Play")))
    assert await Delivery.objects.acount() == 0


async def test_an_ended_session_is_due_to_be_settled_and_a_late_event_makes_it_due_again(doors):
    feed = await make_feed()
    told = play_through()
    await doors.server(feed, batch(*told[:3]))
    assert await SettleDue.objects.acount() == 0
    await doors.server(feed, batch(*told[4:]))
    due = await SettleDue.objects.aget()
    assert (due.why, due.owner) == ("ended", "")
    # A worker has it in hand, and settles.
    await SettleDue.objects.aupdate(owner="worker-1", lease_until=dt.datetime.now(dt.UTC))
    await MediaSession.objects.aupdate(settled_version=2)
    await doors.server(feed, batch(told[3]))
    due = await SettleDue.objects.aget()
    assert (due.why, due.owner, due.lease_until) == ("late_data", "", None)


async def test_everybody_seen_on_a_session_is_linked_to_it_once(doors):
    feed = await make_feed()
    for mpid in ("1", "1", "9007199254740993"):
        await doors.server(feed, batch(event("Play"), mpid=mpid, user_identities={"email": "ann@example.com"}))
    seen = {(row.type, row.value) async for row in Identity.objects.all()}
    assert seen == {("mpid", "1"), ("mpid", "9007199254740993"), ("email", "ann@example.com")}
    assert await SessionIdentity.objects.acount() == 3
    endings = {row.type: row.value_end async for row in Identity.objects.exclude(value="1")}
    assert endings == {"mpid": "0993", "email": ""}


async def test_an_erased_viewer_stays_erased(doors):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play", session="before")))
    await Tombstone.objects.acreate(
        workspace_id=feed.workspace_id,
        identity_hmac=erased_key(conf.SECRET_KEY, feed.workspace_id, "email", "ann@example.com"),
        erased_at=dt.datetime.now(dt.UTC),
    )
    sent = batch(event("Play"), event("Pause"), user_identities={"email": "ann@example.com"})
    answer = await doors.server(feed, sent)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 0)
    assert [row.media_session_id async for row in MediaSession.objects.all()] == ["before"]
    assert await Identity.objects.filter(type="email").acount() == 0
    assert (await accounts(feed))["refused"] == 2


async def test_late_events_are_folded_in_where_they_belong(doors):
    feed = await make_feed()
    told = play_through()
    await doors.server(feed, batch(told[0], told[1], *told[3:]))
    without = await MediaSession.objects.aget()
    await doors.server(feed, batch(told[2]))
    session = await MediaSession.objects.aget()
    assert json.loads(bytes(session.fold))["totals"]["paused"] == 10_000
    assert json.loads(bytes(without.fold))["totals"].get("paused", 0) == 0
    assert (session.version, session.last_seq, session.state) == (2, 7, "ended")
    assert (await accounts(feed))["late"] == 7


async def test_events_stand_in_the_partition_of_their_sessions_day(doors):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play", at_ms=HOUR_AGO_MS - 90 * 86_400_000)))
    stored = await MediaEvent.objects.aget()
    assert stored.session_day == dt.datetime.now(dt.UTC).date()

    def partition():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT tableoid::regclass::text FROM sessions_app_mediaevent")
            return cursor.fetchone()[0]

    assert (await sync_to_async(partition)()).endswith(f"{stored.session_day:%Y%m%d}")
