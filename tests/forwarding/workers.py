"""Real workers on a test's database."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def worker(*arguments, beat="test"):
    """A Celery worker with its own beat on the test's database."""
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "REDIS_URL": settings.REDIS_URL,
        "FORWARDING_ALLOWED_URLS": ",".join(settings.FORWARDING_ALLOWED_URLS),
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
    }
    schedule = os.path.join(os.environ["MEDIADASH_HOME"], f"beat-of-{beat}")
    command = [
        sys.executable, "-m", "celery", "--quiet", "-A", "mediadash", "worker", "--beat", "--schedule", schedule,
        "--concurrency", "1", "--loglevel", "WARNING", *arguments,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def let_leases_run_out():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sessions_app_delivery SET lease_until = now() - interval '1 s' WHERE status = 'sending'")
        cursor.execute("UPDATE sessions_app_destination SET forwarder_until = now() - interval '1 s'")
