"""Only members of the workspace watch, only from our own pages, and only for as long as they are members."""

from asgiref.sync import sync_to_async

from sessions_app.models import Membership
from sessions_app.viewers.setup import make_token
from tests.live.test_session_socket import watched_session


async def test_a_stranger_is_turned_away(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/")
    assert await browser.open()
    assert await browser.closed() == 4401


async def test_a_member_of_another_workspace_is_turned_away(live, doors, cast):
    session = await watched_session(doors, cast)
    for path in (f"/ws/sessions/{session.pk}/", "/ws/live/?workspace=northlight"):
        browser = live(path, cast.eve)
        assert await browser.open()
        assert await browser.closed() == 4403


async def test_no_such_session_and_no_such_path_say_so(live, cast):
    for path in ("/ws/sessions/999999/", "/ws/sessions/9999999999999999999/", "/ws/elsewhere/"):
        browser = live(path, cast.vera)
        assert await browser.open()
        assert await browser.closed() == 4404


async def test_every_role_of_the_workspace_may_watch(live, doors, cast):
    session = await watched_session(doors, cast)
    for user in (cast.alice, cast.sam, cast.olga, cast.vera):
        assert (await live(f"/ws/sessions/{session.pk}/", user).hello())["type"] == "hello"


async def test_pages_of_other_origins_are_denied_before_the_socket_opens(live, doors, cast):
    session = await watched_session(doors, cast)
    ours = "http://127.0.0.1:8000"
    for origin in ("http://evil.example", "null", "https://127.0.0.1:8000", "http://127.0.0.1:9999", ours + ".evil"):
        browser = live(f"/ws/sessions/{session.pk}/", cast.vera, origin=origin)
        assert not await browser.open(), origin


async def test_a_cookie_without_an_origin_is_denied(live, doors, cast):
    session = await watched_session(doors, cast)
    assert not await live(f"/ws/sessions/{session.pk}/", cast.vera, origin=None).open()


async def test_a_program_with_a_token_needs_no_origin(live, doors, cast):
    session = await watched_session(doors, cast)
    token = (await sync_to_async(make_token)(cast.northlight, "ops"))[1]
    headers = [(b"authorization", f"Bearer {token}".encode())]
    browser = live(f"/ws/sessions/{session.pk}/", origin=None, headers=headers)
    assert (await browser.hello())["type"] == "hello"


async def test_a_role_taken_away_closes_the_socket(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    await Membership.objects.filter(user=cast.vera).adelete()
    assert await browser.closed() == 4403


async def test_a_sign_out_closes_the_socket(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live(f"/ws/sessions/{session.pk}/", cast.vera)
    await browser.hello()
    await sync_to_async(browser.session.flush)()
    assert await browser.closed() == 4401


async def test_an_account_switched_off_closes_the_socket(live, doors, cast):
    session = await watched_session(doors, cast)
    browser = live("/ws/live/", cast.vera)
    await browser.hello()
    assert session.workspace_id == cast.northlight.pk
    cast.vera.is_active = False
    await sync_to_async(cast.vera.save)()
    assert await browser.closed() == 4401


async def test_the_twenty_first_socket_of_a_person_is_refused(live, cast):
    for _ in range(20):
        assert (await live("/ws/live/", cast.vera).hello())["type"] == "board"
    browser = live("/ws/live/", cast.vera)
    assert (await browser.hello())["code"] == "TOO_MANY_SOCKETS"
    assert await browser.closed() == 1008
