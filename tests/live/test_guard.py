"""The guard closes whom it has asked about, and nobody else."""

from sessions_app.live import access, guard

SIGNED_IN, SIGNED_OUT, NEW = (access.Person(token_sha256=name) for name in (b"in", b"out", b"new"))


class Socket:
    def __init__(self, person):
        self.person, self.workspace_id, self.behind_since, self.ended_with = person, 1, None, None

    def end(self, code):
        self.ended_with = code


async def test_who_comes_while_permissions_are_asked_is_not_taken_for_signed_out(monkeypatch):
    """Its person is not in the answer: it was admitted after the question."""
    watching, late = guard.Guard(), Socket(NEW)
    stays, goes = Socket(SIGNED_IN), Socket(SIGNED_OUT)

    async def standings(people):
        asked = set(people)
        watching.add(late)
        return {person: access.Standing(frozenset({1})) for person in asked - {SIGNED_OUT}}

    monkeypatch.setattr(access, "standings", standings)
    for socket in (stays, goes):
        watching.add(socket)
    await watching.close_the_unwelcome()
    watching.task.cancel()
    assert [socket.ended_with for socket in (stays, goes, late)] == [None, guard.NOT_SIGNED_IN, None]
