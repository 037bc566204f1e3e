"""What Celery is told to do: each task calls one thing and nothing is decided here.

Messages only wake a worker. What there is to do stands in Postgres, so a lost message costs until the next tick, a
doubled one finds nothing left, and two workers share the rows between them. The ticks are in mediadash/celery.py.
"""

import structlog
from celery import shared_task
from django.db import connection

from sessions_app.exports import build, schedule
from sessions_app.forwarding import forward
from sessions_app.ingest import partitions
from sessions_app.live import publish
from sessions_app.models import retention
from sessions_app.models.clock import database_now
from sessions_app.replays import play
from sessions_app.summaries import settle, timeouts
from sessions_app.viewers import erase

log = structlog.get_logger(__name__)


@shared_task
def settle_due() -> None:
    settle.settle_due()


@shared_task
def close_silent_sessions() -> None:
    if changes := timeouts.close_silent():
        publish.announce_sync(changes)


@shared_task
def forward_due() -> None:
    forward.forward_due()


@shared_task
def play_replays() -> None:
    play.run_due()


@shared_task
def run_exports() -> None:
    schedule.run_due(database_now())
    build.run_due()


@shared_task
def expire_exports() -> None:
    build.expire_due()


@shared_task
def finish_erasures() -> None:
    erase.run_due(database_now())


@shared_task
def make_partitions() -> None:
    connection.ensure_connection()
    partitions.ensure_partitions(connection.connection)


@shared_task
def remove_old() -> None:
    if removed := retention.remove_old():
        log.info("removed what was kept long enough", **removed)
