"""How much may come in: sizes looked at while reading, a rate per key, the quarantine's quota, back-pressure."""

import asyncio
import gzip
import os

import pytest

from sessions_app.ingest import body, limits, quarantine, runtime
from sessions_app.ingest.doors import doors as application
from sessions_app.models import MediaEvent, Quarantined
from tests.ingest.client import accounts, basic, batch, event, make_feed, zipped


async def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(doors):
    feed = await make_feed()
    given, sent = [], []

    async def receive():
        given.append(1)
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def send(message):
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in basic(feed).items()]
    scope = {"type": "http", "method": "POST", "path": "/v2/events", "headers": headers}
    await application(scope, receive, send)
    assert sent[0]["status"] == 413
    assert len(given) == 5


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v2/a-key/events", 400), ("/nativeevents/v2/a-key/events", 400), ("/a-key/events", 400),
     ("/v2/events", 413), ("/v3/JS/a-key/events", 413), ("/live/", 413)],
)  # fmt: skip
def test_a_roku_is_not_told_of_a_size_what_makes_it_send_for_ever(path, status):
    assert body.too_large_status(path) == status


async def test_a_client_that_leaves_is_forgotten(doors):
    feed = await make_feed("web")
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"/v3/JS/{feed.key}/events", "headers": []}
    await application(scope, receive, send)
    assert sent == []
    assert runtime.runtime().load.requests == 0


async def test_a_bomb_is_not_unpacked(doors):
    feed = await make_feed()
    bomb = gzip.compress(b"0" * 50_000_000)
    answer = await doors.post("/v2/events", bomb, {**basic(feed), "content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "TOO_LARGE")
    assert await Quarantined.objects.acount() == 0


async def test_a_packed_body_is_welcome_at_the_server_door(doors):
    feed = await make_feed()
    answer = await doors.server(feed, zipped(batch(event("Play"))), **{"content-encoding": "gzip"})
    assert answer.json()["accepted"] == 1


async def test_a_key_that_sends_too_much_is_told_when_to_come_again(doors):
    feed = await make_feed(rate_per_s=1)
    answers = [await doors.server(feed, batch(event("Play"))) for _ in range(4)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(1 <= int(answer.headers["retry-after"]) <= 5 for answer in refused)
    other = await make_feed()
    assert (await doors.server(other, batch(event("Play")))).status_code == 202


def test_a_bucket_fills_again():
    buckets = limits.Buckets()
    assert [buckets.take(1, 2, 0.0) for _ in range(5)] == [True] * 4 + [False]
    assert [buckets.take(1, 2, 0.5) for _ in range(2)] == [True, False]


def test_slow_commits_shed_only_a_crowd():
    load = limits.Load()
    slow = [(99.0, 0.8)] * 8
    assert not load.is_too_much(slow, 100.0)
    for _ in range(limits.WAITING_WHEN_SLOW):
        load.add(10)
    assert load.is_too_much(slow, 100.0)
    assert not load.is_too_much(slow, 110.0)
    assert not load.is_too_much([(99.0, 0.1)] * 8, 100.0)
    load.add(limits.MOST_WAITING_BYTES)
    assert load.is_too_much([], 100.0)


async def test_below_the_disks_floor_nothing_is_taken(doors, tmp_path):
    disk = os.statvfs(tmp_path)
    floor_mb = disk.f_bavail * disk.f_frsize // 2**20 + 1024
    feed = await make_feed("web")
    await doors.web(feed, batch(event("Play")))
    runtime.runtime().disk = limits.DiskFloor(tmp_path, floor_mb)
    answer = await doors.web(feed, batch(event("Play")))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.headers["access-control-allow-origin"] == "*"
    runtime.runtime().disk = limits.DiskFloor(tmp_path / "not here", floor_mb)
    assert (await doors.web(feed, batch(event("Play")))).status_code == 202


async def test_the_quarantine_of_one_key_has_an_end(doors, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_ROWS", 3)
    feed = await make_feed()
    bad = [{"event_type": "custom_event", "data": n} for n in range(5)]
    answer = await doors.server(feed, batch(event("Play"), *bad))
    assert answer.json()["quarantined"] == 3
    assert await Quarantined.objects.acount() == 3
    counted = await accounts(feed)
    assert (counted["stored"], counted["quarantined"], counted["refused"]) == (1, 3, 2)


async def test_more_than_a_hundred_batches_are_too_many_for_one_bulk_request(doors, settings):
    feed = await make_feed()
    posts = [batch(event("Play")) for _ in range(101)]
    headers = {**basic(feed), "content-type": "application/json"}
    answer = await doors.post("/v2/bulkevents", posts, headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_BATCH")
    answer = await doors.post("/v2/bulkevents", [*posts[:2], 7], headers)
    assert (answer.status_code, answer.json()["accepted"], answer.json()["quarantined"]) == (202, 2, 1)
    assert await MediaEvent.objects.acount() == 2


@pytest.mark.parametrize("size", [50, 100])
async def test_many_at_once_share_transactions(doors, size):
    feed = await make_feed()
    answers = await asyncio.gather(*(doors.server(feed, batch(event("Play", session=f"s{n}"))) for n in range(size)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(runtime.runtime().writers[0].took) < size
