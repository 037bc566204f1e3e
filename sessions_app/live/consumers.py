"""What websockets show: one session as it plays, or the live board.

Both answer first with all that is needed to draw, then with changes. The messages are in docs/live.md.
"""

from typing import Any

from sessions_app.live import access, queries
from sessions_app.live.hub import hub, now_ms
from sessions_app.live.sockets import NO_SUCH_THING, NOT_ALLOWED, Closed, Socket
from sessions_app.live.watched import Watched

LARGEST_ID = 2**63 - 1


class SessionSocket(Socket):
    """`/ws/sessions/{id}/?after=SEQ`"""

    watched: Watched | None = None

    async def open(self, standing: access.Standing) -> None:
        session_id = int(self.scope["url_route"]["kwargs"]["session_id"])
        workspace_id = await queries.workspace_of(session_id) if session_id <= LARGEST_ID else None
        if workspace_id is None:
            raise Closed(NO_SUCH_THING)
        if not standing.allows(workspace_id):
            raise Closed(NOT_ALLOWED)
        self.workspace_id = workspace_id
        self.watched = await hub().watched(session_id)
        if self.watched is None:
            raise Closed(NO_SUCH_THING)
        # From here nothing waits: no frame can slip in between the answer and the watching.
        self.catch_up(self.asked_after())
        self.watched.watchers.add(self)

    def catch_up(self, seq: int | None) -> None:
        if self.watched is not None:
            self.offer(self.watched.hello(seq, now_ms()))

    def leave(self) -> None:
        if self.watched is not None:
            hub().leave(self.watched, self)


class NoSuchSocket(Socket):
    """Any other path: said with a code, once the visitor has shown who they are."""


async def session_socket(scope: Any, receive: Any, send: Any) -> None:
    await SessionSocket(scope, receive, send).run()


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    await NoSuchSocket(scope, receive, send).run()
