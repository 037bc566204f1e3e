"""Celery: the worker that settles, forwards and exports, and the beat that finds what no hint announced."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")

app = Celery("mediadash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def every(seconds: float, task: str) -> dict[str, Any]:
    """A tick that nobody took before the next but one is thrown away: ticks never pile up."""
    return {"task": f"sessions_app.tasks.{task}", "schedule": seconds, "options": {"expires": 2 * seconds}}


app.conf.beat_schedule = {
    task: every(seconds, task)
    for task, seconds in {
        "settle_due": 1.0,
        "forward_due": 1.0,
        "play_replays": 1.0,
        "run_exports": 2.0,
        "close_silent_sessions": 5.0,
        "finish_erasures": 5.0,
        "expire_exports": 600.0,
        "make_partitions": 3600.0,
        "remove_old": 3600.0,
    }.items()
}
# A schedule in the database of beat's own would only repeat what stands above.
app.conf.beat_max_loop_interval = 5


@worker_process_init.connect
def collect_seldom(**_: object) -> None:
    """Settling makes many small objects that reference counting frees: looking for cycles among them, and again and
    again through all that was imported, took a quarter of its time."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
