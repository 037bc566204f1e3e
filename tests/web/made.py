"""Rows that pages show, written straight into the tables, now."""

import datetime as dt
import hashlib

from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.models import Attempt, Delivery, Destination, IngestCount, MediaEvent, Quarantined
from sessions_app.timeline.events import Event
from sessions_app.timeline.rules import Rules
from sessions_app.timeline.session import replay
from tests.viewers.made import session


def now():
    return dt.datetime.now(dt.UTC)


def playing(feed, media_session_id, identities=(), **columns):
    """A session that has been playing for a minute."""
    now_ms = int(now().timestamp() * 1000)
    names = ("Media Session Start", "Play", "Update Playhead Position")
    content = {
        "content_id": columns.get("content_id", "film-1"),
        "content_title": columns.get("content_title", "A film"),
    }
    events = [
        Event(f"{number:032x}", name, now_ms - 60_000 + number * 5_000, now_ms, number, now_ms, content, number + 1)
        for number, name in enumerate(names)
    ]
    state = replay(events, Rules())
    words = {
        "state": state.state,
        "live": True,
        "started_at_ms": state.started_at_ms,
        "last_at_ms": state.last_at_ms,
        "first_received_at": now(),
        "last_received_at": now(),
        "platform": "web",
        "fold": state.encode(),
        **columns,
    }
    return session(feed, media_session_id, identities, **words)


def ended(feed, media_session_id, **columns):
    words = {"state": "ended", "live": False, "ended_reason": "session_end"}
    return playing(feed, media_session_id, **words, **columns)


def destination(workspace, name="mParticle US1", **columns):
    words = {"url": "https://s2s.us1.mparticle.com", "key": "us1-k", "secret_encrypted": b"-"}
    return Destination.objects.create(workspace=workspace, name=name, **words, **columns)


def dead_letter(target, reason, status=400, lane=1, body=b'{"mpid": "77", "events": [{"ad_skipped": false}]}'):
    letter = Delivery.objects.create(
        destination=target,
        lane=f"{lane:032x}",
        status="dead",
        event_count=3,
        attempts=1,
        next_attempt_at=now(),
        created_at=now(),
        finished_at=now(),
        last_status=status,
        last_error=reason,
        body=body,
    )
    Attempt.objects.create(delivery=letter, at=now(), status=status, took_ms=84, answer="ad_skipped must be a string")
    return letter


def quarantined(feed, code="INVALID_TIMESTAMP", raw=b'{"events":[{"mpid":"4711"}]}', **columns):
    words = {
        "message": "The time is not a number.",
        "pointer": "/events/0/data/timestamp_unixtime_ms",
        "event_name": "Play",
        "door": "server",
    }
    return Quarantined.objects.create(
        input=feed,
        code=code,
        raw=raw,
        raw_key=hashlib.md5(raw + code.encode()).hexdigest(),
        received_at=now(),
        **(words | columns),
    )


def counted(feed, **counts):
    counts.setdefault("minute", now().replace(second=0, microsecond=0))
    return IngestCount.objects.create(input=feed, writer="w", **counts)


def stored_event(story, seq, at_ms, received_at_ms):
    """An event of a session, as the doors write it."""
    return MediaEvent.objects.create(
        session=story,
        session_day=story.session_day,
        event_key=f"{seq:032x}",
        seq=seq,
        name="Play",
        at_ms=at_ms,
        batch_at_ms=at_ms,
        index_in_batch=0,
        received_at_ms=received_at_ms,
        raw_batch_id=1,
        content_hash=0,
        attributes="{}",
    )


def queries(browser, path):
    """How many queries a page takes, once the browser is known."""
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return len(asked)
