"""What websockets show: one session as it plays, or the live board.

Both answer first with all that is needed to draw, then with changes. The messages are in docs/live.md.
"""

from typing import Any

from sessions_app.live import access, queries
from sessions_app.live.feed import Feed, Group, now_ms
from sessions_app.live.filters import filters_of
from sessions_app.live.hub import hub
from sessions_app.live.sockets import NO_SUCH_THING, NOT_ALLOWED, Closed, Socket
from sessions_app.live.watched import Watched

# Where sign-in keeps the workspace last chosen (web/middleware.py).
WORKSPACE_KEY = "workspace"
LARGEST_ID = 2**63 - 1


class SessionSocket(Socket):
    """`/ws/sessions/{id}/?after=SEQ`"""

    watched: Watched | None = None

    async def open(self, standing: access.Standing) -> None:
        session_id = int(self.scope["url_route"]["kwargs"]["session_id"])
        workspace_id = await self.workspace_of(session_id)
        if workspace_id is None:
            raise Closed(NO_SUCH_THING)
        if not standing.allows(workspace_id):
            raise Closed(NOT_ALLOWED)
        self.workspace_id = workspace_id
        after = self.asked_after()
        self.watched = await hub().watched(session_id, after)
        if self.watched is None:
            raise Closed(NO_SUCH_THING)
        # From here nothing waits: no frame can slip in between the answer and the watching.
        self.catch_up(after)
        self.watched.watchers.add(self)

    async def workspace_of(self, session_id: int) -> int | None:
        """Whose session it is; asked before its history is loaded for somebody who may not see it."""
        if (watched := hub().sessions.get(session_id)) is not None:
            return int(watched.row.workspace_id)
        return await queries.workspace_of(session_id) if session_id <= LARGEST_ID else None

    def catch_up(self, seq: int | None) -> None:
        if self.watched is not None:
            self.offer(self.watched.hello(seq, now_ms()))

    def leave(self) -> None:
        if self.watched is not None:
            hub().leave(self.watched, self)


class BoardSocket(Socket):
    """`/ws/live/?platform=Roku&sort=attention&…`: the current workspace's board, with a page's filters."""

    feed: Feed | None = None
    group: Group

    async def open(self, standing: access.Standing) -> None:
        wanted = (self.query().get("workspace") or [self.chosen_workspace()])[-1]
        workspace_id = await queries.workspace_to_show(standing.everywhere, standing.workspaces, wanted)
        if workspace_id is None:
            raise Closed(NOT_ALLOWED)
        self.workspace_id = workspace_id
        feed = hub().feed(workspace_id)
        self.group = await feed.join(filters_of(self.query()))
        self.feed = feed
        self.catch_up(None)
        self.group.pages.add(self)

    def chosen_workspace(self) -> str:
        """The slug this sign-in last chose on a page."""
        session = self.scope.get("session")
        return str(session.get(WORKSPACE_KEY) or "") if session is not None else ""

    def catch_up(self, seq: int | None) -> None:
        if self.feed is not None:
            self.offer(self.group.reset(self.feed.board, now_ms()))

    def leave(self) -> None:
        if self.feed is not None:
            self.feed.leave(self.group, self)


class NoSuchSocket(Socket):
    """Any other path: said with a code, once the visitor has shown who they are."""


async def session_socket(scope: Any, receive: Any, send: Any) -> None:
    await SessionSocket(scope, receive, send).run()


async def board_socket(scope: Any, receive: Any, send: Any) -> None:
    await BoardSocket(scope, receive, send).run()


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    await NoSuchSocket(scope, receive, send).run()
