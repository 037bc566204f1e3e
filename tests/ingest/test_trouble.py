"""When something fails: what was acknowledged is there, what was not is told to come again, neighbours go on."""

import asyncio

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from sessions_app.ingest import events, runtime, store, writer
from sessions_app.ingest.database import NotDurableError, check_durable, connect
from sessions_app.models import IngestCount, MediaEvent, MediaSession, Quarantined, RefusedRequest
from sessions_app.timeline import session as timeline_session
from tests.ingest.client import accounts, basic, batch, event, make_feed


@pytest.fixture
def one_group(monkeypatch):
    """Holds the writer until `count` requests are queued, so that they share one transaction."""

    def hold(count):
        gather = writer.Writer.gather

        def wait_for_all(self, first):
            group, last = gather(self, first)
            while len(group) < count and not last:
                more, last = gather(self, self.queue.get())
                group += more
            return group, last

        monkeypatch.setattr(writer.Writer, "gather", wait_for_all)

    return hold


async def test_a_poisonous_request_harms_nobody_but_itself(doors, monkeypatch, one_group):
    replay = timeline_session.replay

    def choke(history, rules):
        history = list(history)
        if any(event.name == "Poison" for event in history):
            raise ZeroDivisionError
        return replay(history, rules)

    monkeypatch.setattr(timeline_session, "replay", choke)
    one_group(5)
    feed = await make_feed()
    posts = [batch(event("Poison" if n == 2 else "Play", session=f"session-{n}")) for n in range(5)]
    answers = await asyncio.gather(*(doors.server(feed, one) for one in posts))
    # Sending it again would not help: it is kept, and the client is done with it.
    assert {answer.status_code for answer in answers} == {202}
    assert [answer.json()["quarantined"] for answer in answers] == [0, 0, 1, 0, 0]
    assert await MediaEvent.objects.acount() == 4
    held = await Quarantined.objects.aget()
    assert (held.code, b"Poison" in bytes(held.raw)) == ("UNSTORABLE", True)
    counted = await accounts(feed)
    assert (counted["stored"], counted["quarantined"]) == (4, 1)


async def test_a_lost_connection_is_made_again_and_nothing_is_lost_or_doubled(doors):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play", message_id="before")))

    def cut():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^ingest'")

    await sync_to_async(cut)()
    answer = await doors.server(feed, batch(event("Pause", message_id="after")))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert await MediaEvent.objects.acount() == 2


async def test_a_commit_whose_answer_was_lost_is_found_when_the_group_is_written_again(doors, monkeypatch):
    real, failed = writer.write_group, []

    def commits_and_loses_the_answer(conn, requests, memory):
        written = real(conn, requests, memory)
        if not failed:
            failed.append(True)
            conn.close()
            raise psycopg.OperationalError("the connection was closed")
        return written

    monkeypatch.setattr(writer, "write_group", commits_and_loses_the_answer)
    feed = await make_feed()
    answer = await doors.server(feed, batch(event("Play")))
    assert (answer.status_code, answer.json()["duplicates"]) == (202, 1)
    assert await MediaEvent.objects.acount() == 1


async def test_a_deadlock_is_tried_again(doors, monkeypatch):
    real, failures = store.write, []

    def deadlocks_twice(conn, requests, memory, **options):
        written = real(conn, requests, memory, **options)
        if len(failures) < 2:
            failures.append(True)
            raise psycopg.errors.DeadlockDetected
        return written

    monkeypatch.setattr(store, "write", deadlocks_twice)
    feed = await make_feed()
    assert (await doors.server(feed, batch(event("Play")))).json()["accepted"] == 1
    assert len(failures) == 2


async def test_without_a_database_clients_are_told_when_to_come_again(doors, monkeypatch):
    feed = await make_feed()
    await doors.server(feed, batch(event("Play")))

    def refuses(name):
        raise psycopg.OperationalError("connection refused")

    running = runtime.runtime()
    monkeypatch.setattr(running.writers[0], "connect", refuses)
    await asyncio.to_thread(running.writers[0].conn.close)
    answer = await doors.server(feed, batch(event("Pause")))
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert answer.json()["errors"][0]["code"] == "UNAVAILABLE"
    assert await MediaEvent.objects.acount() == 1


async def test_a_stalled_database_does_not_keep_clients_waiting(doors, monkeypatch):
    monkeypatch.setattr(runtime, "COMMIT_DEADLINE_S", 0.2)
    feed = await make_feed()
    release = asyncio.Event()
    loop = asyncio.get_running_loop()
    real = events.store

    def stalls(conn, group):
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        real(conn, group)

    monkeypatch.setattr(events, "store", stalls)
    answer = await doors.server(feed, batch(event("Play", message_id="one")))
    assert answer.status_code == 503
    release.set()
    again = await doors.server(feed, batch(event("Play", message_id="one")))
    assert again.status_code == 202
    assert await MediaEvent.objects.acount() == 1


async def test_refusals_are_counted_and_shown(doors):
    feed = await make_feed()
    headers = {"content-type": "application/x-www-form-urlencoded", "user-agent": "curl/8"}
    for _ in range(3):
        await doors.post("/v2/events", b"a=b", {**basic(feed), **headers})
    await doors.post("/v2/events", b"{}", basic(feed, "wrong"))
    await asyncio.to_thread(runtime.runtime().flush)
    seen = {(row.input_id, row.status, row.code, row.client): row.times async for row in RefusedRequest.objects.all()}
    assert seen[(feed.id, 415, "UNSUPPORTED_MEDIA_TYPE", "curl/8")] == 3
    assert next(times for (input_id, status, *_), times in seen.items() if (input_id, status) == (None, 403)) == 1
    counted = await accounts(feed)
    assert (counted["received"], counted["refused"]) == (3, 3)
    assert await IngestCount.objects.filter(writer__endswith="-doors").aexists()
    assert not await MediaSession.objects.aexists()


@pytest.mark.django_db
def test_a_server_that_forgets_commits_is_refused():
    with connect("test") as conn:
        check_durable(conn)
        conn.execute("SET synchronous_commit = off")
        with pytest.raises(NotDurableError, match="synchronous_commit=off"):
            check_durable(conn)
