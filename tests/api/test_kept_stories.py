"""A folded session is kept, and kept right."""

import uuid

import pytest

from sessions_app.api import stories
from sessions_app.api.stories import When, timeline_of
from sessions_app.models import MediaEvent, MediaSession
from sessions_app.timeline import spans
from tests.viewers.made import NOW_MS, session

STORY = [("Media Session Start", 0, {}), ("Play", 1_000, {}), ("Pause", 61_000, {})]
NOW = When(NOW_MS + 90_000)


@pytest.fixture(autouse=True)
def nothing_kept():
    stories._kept.clear()


def arrives(row, name, offset_ms):
    MediaEvent.objects.create(
        session_day=row.session_day,
        session=row,
        event_key=uuid.uuid4(),
        seq=row.last_seq + 1,
        name=name,
        at_ms=NOW_MS + offset_ms,
        batch_at_ms=NOW_MS + offset_ms,
        index_in_batch=0,
        received_at_ms=NOW_MS + 80_000,
        raw_batch_id=1,
        content_hash=1,
        attributes="{}",
    )
    MediaSession.objects.filter(pk=row.pk).update(last_seq=row.last_seq + 1, version=row.version + 1)
    row.refresh_from_db()


@pytest.mark.parametrize(("name", "offset_ms"), [("Play", 70_000), ("Buffer Start", 30_000)])
def test_what_came_since_is_added_as_if_all_were_folded_anew(cast, name, offset_ms):
    row = session(cast.web, "one", (), STORY)
    timeline_of(row, cast.northlight, NOW)
    arrives(row, name, offset_ms)
    added = timeline_of(row, cast.northlight, NOW).to_json()
    stories._kept.clear()
    assert added == timeline_of(row, cast.northlight, NOW).to_json()


def test_a_session_asked_for_again_is_not_folded_again(cast, monkeypatch):
    row = session(cast.web, "one", (), STORY)
    timeline_of(row, cast.northlight, NOW)
    monkeypatch.setattr(spans, "fold", None)
    assert timeline_of(row, cast.northlight, NOW).state.event_count == len(STORY)


def test_kept_are_no_more_events_than_the_bound(cast, monkeypatch):
    monkeypatch.setattr(stories, "MOST_KEPT_EVENTS", 7)
    rows = [session(cast.web, name, (), STORY) for name in ("one", "two", "three")]
    for row in rows:
        timeline_of(row, cast.northlight, NOW)
    assert [pk for pk, _ in stories._kept] == [row.pk for row in rows[1:]]
