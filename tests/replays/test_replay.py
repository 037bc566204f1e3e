"""A stored session plays again through the door into the sandbox: once, in time, whatever happens to the worker."""

import datetime as dt

import pytest

from sessions_app.models import Delivery, Identity, MediaSession, Replay, SessionIdentity
from sessions_app.replays import orders, play
from sessions_app.viewers import traces
from sessions_app.viewers.roles import roles_of, workspaces_of
from tests.replays.made import Door, began, run
from tests.viewers.made import session as row_of
from tests.web.made import destination

MPID = "-8572887793551346848"
STORY = ("Media Session Start", "Play", "Pause", "Play", "Media Session End")


@pytest.fixture
def watched(cast):
    """Five events, ten seconds apart."""
    content = {"media_session_id": "then", "content_id": "film-1", "content_title": "A film", "email": "a@b.example"}
    events = [(name, at * 10_000, content) for at, name in enumerate(STORY)]
    return row_of(cast.web, "then", [("mpid", MPID)], events, platform="web")


def asked(cast, watched, speed=1, ago_s=0):
    replay = orders.ask(cast.northlight, watched, speed, "olga")
    began(replay, ago_s)
    return Replay.objects.get(pk=replay.pk)


def played(replay):
    return MediaSession.objects.filter(input=replay.input, session_key=replay.session_key).first()


def test_what_is_due_is_played_and_the_rest_waits_for_its_moment(cast, watched):
    replay = asked(cast, watched, ago_s=15)
    assert run() == 1
    replay.refresh_from_db()
    assert (replay.position, replay.state) == (2, "running")
    assert replay.next_at - replay.started_at == dt.timedelta(seconds=20)
    assert run() == 0


def test_a_replay_ends_as_its_session_did(cast, watched):
    replay = asked(cast, watched, speed=60, ago_s=2)
    run()
    replay.refresh_from_db()
    assert (replay.position, replay.state) == (5, "done")
    again = played(replay)
    assert (again.last_seq, again.state, again.ended_reason) == (5, "ended", "session_end")
    assert (again.content_title, again.platform) == ("A film", "web")
    assert again.last_at_ms - again.started_at_ms == 40_000 // 60


def test_the_sandbox_is_beside_the_workspace_and_nothing_of_it_is_forwarded(cast, watched):
    destination(cast.northlight)
    replay = asked(cast, watched, ago_s=60)
    destination(replay.input.workspace)
    run()
    sandbox = replay.input.workspace
    assert (sandbox.name, sandbox.is_sandbox, sandbox.sandbox_of) == ("Northlight replays", True, cast.northlight)
    assert played(replay).workspace == sandbox
    assert not Delivery.objects.exists()


def test_a_replay_names_nobody(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    run()
    again = played(replay)
    assert again.mpid not in ("", MPID)
    kinds = SessionIdentity.objects.filter(session=again).values_list("identity__type", flat=True)
    assert list(kinds) == ["mpid"]
    assert not Identity.objects.filter(workspace=replay.input.workspace, value=MPID).exists()
    assert not again.events.filter(attributes__contains="a@b.example").exists()


def test_a_worker_that_dies_after_posting_doubles_nothing(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    run()
    Replay.objects.filter(pk=replay.pk).update(state="running", position=1, owner="dead", lease_until=replay.started_at)
    run()
    assert played(replay).last_seq == 5
    assert Replay.objects.get(pk=replay.pk).state == "done"


def test_what_another_worker_holds_is_left_alone(cast, watched):
    asked(cast, watched, ago_s=60)
    assert orders.claim("one") is not None
    assert orders.claim("other") is None


def test_a_stopped_replay_plays_nothing_more(cast, watched):
    replay = asked(cast, watched, ago_s=15)
    held = orders.claim("one")
    assert orders.stop(replay)
    assert not orders.moved_on(held, 2)
    assert run() == 0
    assert not orders.stop(replay)


def test_a_door_that_is_down_is_asked_again(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    run(Door(503))
    replay.refresh_from_db()
    assert (replay.state, replay.tries, replay.position) == ("running", 1, 0)
    assert "503" in replay.last_error
    Replay.objects.update(next_at=replay.started_at)
    run()
    replay.refresh_from_db()
    assert (replay.state, replay.tries, replay.last_error) == ("done", 0, "")


def test_a_door_that_stays_down_ends_the_replay(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    Replay.objects.update(tries=orders.MOST_TRIES - 1)
    run(Door(503))
    replay.refresh_from_db()
    assert replay.state == "failed"


def test_a_batch_that_is_refused_is_not_sent_again(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    run(Door(401))
    replay.refresh_from_db()
    assert (replay.state, replay.tries) == ("failed", 0)
    assert "401" in replay.last_error


def test_an_erased_session_is_not_played_on_and_its_replay_goes_too(cast, watched):
    replay = asked(cast, watched, ago_s=15)
    run()
    again = played(replay)
    found = traces.find(cast.northlight.pk, [("mpid", MPID)])
    assert set(found.session_ids) == {watched.pk, again.pk}
    traces.take_out(cast.northlight.pk, found)
    Replay.objects.update(next_at=replay.started_at)
    run()
    replay.refresh_from_db()
    assert replay.state == "failed"
    assert not MediaSession.objects.filter(pk=again.pk).exists()
    # A batch that was under way then: the erasure's last pass finds it.
    late = row_of(replay.input, replay.media_session_id, events=[("Play", 0, {})])
    assert late.pk in traces.find(cast.northlight.pk, [("mpid", MPID)]).session_ids


def test_events_that_come_after_it_was_asked_for_are_not_part_of_it(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    event = watched.events.get(seq=5)
    type(event).objects.create(
        **{field.name: getattr(event, field.name) for field in event._meta.fields if field.name != "pk"}
        | {"seq": 6, "event_key": "f" * 32, "at_ms": event.at_ms + 1}
    )
    run()
    assert played(replay).last_seq == 5


@pytest.mark.parametrize("speed", [0, 3, 61])
def test_only_the_speeds_offered_are_played(cast, watched, speed):
    with pytest.raises(orders.ReplayRefusedError, match="60×"):
        orders.ask(cast.northlight, watched, speed, "olga")


def test_a_workspace_plays_only_so_many_at_once(cast, watched):
    for _ in range(orders.RUNNING_AT_ONCE):
        orders.ask(cast.northlight, watched, 1, "olga")
    with pytest.raises(orders.ReplayRefusedError, match="Stop one"):
        orders.ask(cast.northlight, watched, 1, "olga")


def test_a_session_without_events_is_refused(cast):
    with pytest.raises(orders.ReplayRefusedError, match="no longer kept"):
        orders.ask(cast.northlight, row_of(cast.web, "empty"), 1, "olga")


def test_a_replay_of_a_replay_stays_in_the_sandbox(cast, watched):
    replay = asked(cast, watched, ago_s=60)
    run()
    again = orders.ask(replay.input.workspace, played(replay), 1, "olga")
    assert again.input == replay.input


def test_members_of_the_workspace_are_members_of_its_sandbox_for_as_long(cast, watched):
    sandbox = asked(cast, watched).input.workspace
    assert roles_of(cast.vera, sandbox) == {"viewer"}
    assert roles_of(cast.eve, sandbox) == set()
    assert [(place, held) for place, held in workspaces_of(cast.sam)] == [
        (cast.northlight, {"support"}),
        (sandbox, {"support"}),
    ]
    cast.vera.memberships.all().delete()
    assert roles_of(cast.vera, sandbox) == set()
    assert workspaces_of(cast.vera) == []


def test_a_long_replay_takes_turns(cast, monkeypatch):
    monkeypatch.setattr(play, "BATCHES_A_TURN", 1)
    events = [("Update Playhead Position", at, {"media_session_id": "long"}) for at in range(150)]
    replay = asked(cast, row_of(cast.web, "long", events=events), ago_s=60)
    door = Door()
    assert run(door) == 2
    assert door.posted == 2
    replay.refresh_from_db()
    assert (replay.position, replay.state) == (150, "done")
