"""A door for replays without a socket: what is posted goes through the parser into the store, as a door would."""

import datetime as dt
import time

import httpx
from django.db import connection

from sessions_app.ingest import routes
from sessions_app.ingest.inputs import load_snapshot
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.partitions import ensure_partitions
from sessions_app.ingest.received import Received
from sessions_app.ingest.store import write_group
from sessions_app.models import Replay
from sessions_app.replays import play
from sessions_app.wire.parse import parse


class Door:
    """Answers from a list first, then stores and says 202."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.posted = 0

    def __call__(self, request):
        self.posted += 1
        if self.answers:
            return httpx.Response(self.answers.pop(0), text="not now")
        now_ms = round(time.time() * 1000)
        route = routes.match(request.url.path)
        connection.ensure_connection()
        ensure_partitions(connection.connection)
        known = load_snapshot(connection.connection)[route.key]
        batch = parse(request.content, now_ms, known.platform)
        received = Received(known, route.dialect, b"{}", now_ms, request.content, (batch,))
        write_group(connection.connection, [received], Memory("tests"))
        return httpx.Response(202)


def run(door=None):
    """One tick of a worker."""
    return play.run_due(httpx.Client(transport=httpx.MockTransport(door or Door())))


def began(replay, ago_s):
    """As if it had been asked for so long ago."""
    at = replay.started_at - dt.timedelta(seconds=ago_s)
    Replay.objects.filter(pk=replay.pk).update(started_at=at, next_at=at)
