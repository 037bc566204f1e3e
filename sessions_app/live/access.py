"""Who is at the other end of a websocket, and which workspaces they may watch now.

Asked once at the handshake and then every few seconds for everybody connected, in a handful of queries for the whole
process: a websocket outlives sign-outs, disabled accounts and roles taken away, and `scope["user"]` never changes.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings

from sessions_app.live import db
from sessions_app.live.origin import bearer_token
from sessions_app.viewers.recent import SIGNED_IN_KEY
from sessions_app.viewers.roles import Action, may

# What sign-in keeps in the session (web/middleware.py).
SEEN_KEY = "seen_at"

USERS = "SELECT id, password, is_superuser FROM auth_user WHERE id = ANY(%s) AND is_active"
# A workspace's members are its sandbox's too (viewers.roles).
ROLES = """
WITH held AS (SELECT user_id, workspace_id, role FROM sessions_app_membership WHERE user_id = ANY(%s))
SELECT user_id, workspace_id, role FROM held
UNION SELECT user_id, sandbox.id, role FROM held
JOIN sessions_app_workspace sandbox ON sandbox.sandbox_of_id = held.workspace_id
"""
SIGNED_IN = "SELECT session_key FROM django_session WHERE session_key = ANY(%s) AND expire_date > now()"
TOKENS = """
SELECT token_sha256, workspace_id, role FROM sessions_app_accesstoken
WHERE token_sha256 = ANY(%s) AND revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in user with the sign-in that admitted them, or a program with its token."""

    user_id: int | None = None
    session_key: str = ""
    password: str = ""
    over_at: float = 0.0
    token_sha256: bytes | None = None

    @property
    def name(self) -> tuple[int | None, bytes | None]:
        """The same for all sign-ins of one user."""
        return self.user_id, self.token_sha256


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may watch: these workspaces, or all of them."""

    workspaces: frozenset[int]
    everywhere: bool = False

    def allows(self, workspace_id: int) -> bool:
        return self.everywhere or workspace_id in self.workspaces


def person_of(scope: Any) -> Person | None:
    """Whom the handshake names: by bearer token, else by the session that Channels has looked up."""
    token = bearer_token(scope["headers"])
    if token is not None:
        return Person(token_sha256=hashlib.sha256(token.encode()).digest())
    user = scope.get("user")
    if user is None or not user.is_authenticated:
        return None
    session, now_s = scope["session"], time.time()
    signed_in_at = session.get(SIGNED_IN_KEY) or now_s
    if now_s - session.get(SEEN_KEY, signed_in_at) > settings.SESSION_IDLE_S:
        return None
    over_at = signed_in_at + settings.SESSION_COOKIE_AGE
    return Person(user.pk, session.session_key or "", user.password, over_at)


class Desk:
    """Where handshakes ask: those that come while one question is under way are asked together in the next.

    When a server restarts, five hundred pages come back at once; they cost a few queries, not thousands.
    """

    def __init__(self) -> None:
        self.asking: dict[Person, asyncio.Future[Standing | None]] = {}
        self.task: asyncio.Task[None] | None = None

    async def standing_of(self, person: Person) -> Standing | None:
        """What they may watch; None when they are not signed in."""
        loop = asyncio.get_running_loop()
        answer = self.asking.setdefault(person, loop.create_future())
        if self.task is None or self.task.done():
            self.task = loop.create_task(self._answer())
        return await asyncio.shield(answer)

    async def _answer(self) -> None:
        while self.asking:
            asked, self.asking = self.asking, {}
            try:
                found = await standings(asked)
            except Exception as error:  # noqa: BLE001 - it is theirs who asked
                for answer in asked.values():
                    answer.set_exception(error)
                continue
            for person, answer in asked.items():
                answer.set_result(found.get(person))


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, Desk] = WeakKeyDictionary()


def desk() -> Desk:
    """The running loop's own."""
    return _desks.setdefault(asyncio.get_running_loop(), Desk())


async def standings(people: Iterable[Person]) -> dict[Person, Standing]:
    """What each may watch now; who is not in the answer is no longer signed in."""
    people = set(people)
    users = [person for person in people if person.user_id is not None]
    programs = [person for person in people if person.token_sha256 is not None]
    return {**await _users(users), **await _programs(programs)}


async def _users(people: list[Person]) -> dict[Person, Standing]:
    if not people:
        return {}
    ids = [person.user_id for person in people]
    known = {row.id: row for row in await db.fetch(USERS, [ids])}
    keys = [person.session_key for person in people]
    signed_in = {row.session_key for row in await db.fetch(SIGNED_IN, [keys])}
    roles = await db.fetch(ROLES, [ids])
    now_s = time.time()
    found = {}
    for person in people:
        user = known.get(person.user_id)
        if user is None or user.password != person.password:
            continue
        if person.session_key not in signed_in or now_s > person.over_at:
            continue
        held = [(row.workspace_id, row.role) for row in roles if row.user_id == person.user_id]
        found[person] = Standing(_watchable(held), everywhere=user.is_superuser)
    return found


async def _programs(people: list[Person]) -> dict[Person, Standing]:
    if not people:
        return {}
    found = await db.fetch(TOKENS, [[person.token_sha256 for person in people]])
    rows = {bytes(row.token_sha256): row for row in found}
    return {
        person: Standing(_watchable([(row.workspace_id, row.role)]))
        for person in people
        if (row := rows.get(person.token_sha256 or b"")) is not None
    }


def _watchable(held: Iterable[tuple[int, str]]) -> frozenset[int]:
    return frozenset(workspace_id for workspace_id, role in held if may({role}, Action.SEE_SESSION))
