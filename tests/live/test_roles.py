"""The role matrix on websockets: every role, people and programs, own and foreign workspace; frames are masked."""

import json

import pytest
from asgiref.sync import sync_to_async

from sessions_app.models.workspaces import Role
from sessions_app.viewers.roles import Action, may
from tests.cast import bearer
from tests.ingest.client import batch, event
from tests.live.test_session_socket import now_ms

MPID = "4711000012345678"
EMAIL = "kim@example.com"


@pytest.fixture
async def paths(doors, cast):
    """What each action opens, by path; the session's viewer has an mpid and an email."""
    start = event("Media Session Start", now_ms() - 5000, "s1", "start", email=EMAIL)
    answer = await doors.web(cast.web, batch(start, mpid=MPID, user_identities={"email": EMAIL}))
    assert answer.status_code == 202
    from sessions_app.models import MediaSession

    session = await MediaSession.objects.aget(media_session_id="s1")
    return {
        Action.SEE_SESSION: f"/ws/sessions/{session.pk}/",
        Action.SEE_BOARD: "/ws/live/?workspace=northlight",
    }


async def program(live, path, workspace, role):
    """A browser-like socket of a program with a token of this role."""
    headers = await sync_to_async(bearer)(workspace, role)
    return live(path, origin=None, headers=[(b"authorization", headers["Authorization"].encode())])


async def check(browser, is_allowed):
    assert await browser.open()
    if not is_allowed:
        assert await browser.closed() == 4403
        return
    frame = json.dumps(await browser.next())
    assert MPID not in frame
    assert EMAIL not in frame
    await browser.leave()


@pytest.mark.parametrize("role", Role.values)
async def test_a_role_watches_what_the_matrix_says_and_never_an_identity(live, cast, paths, role):
    for action, path in paths.items():
        await check(live(path, cast.of_role(role)), may({role}, action))
        await check(await program(live, path, cast.northlight, role), may({role}, action))


@pytest.mark.parametrize("role", Role.values)
async def test_every_role_elsewhere_opens_nothing_here(live, cast, paths, role):
    for path in paths.values():
        await check(await program(live, path, cast.elsewhere, role), False)


async def test_a_person_of_elsewhere_and_a_stranger_are_told_apart(live, cast, paths):
    for path in paths.values():
        await check(live(path, cast.eve), False)
        stranger = live(path)
        assert await stranger.open()
        assert await stranger.closed() == 4401
        unknown = live(path, origin=None, headers=[(b"authorization", b"Bearer mdt_unknown")])
        assert await unknown.open()
        assert await unknown.closed() == 4401
