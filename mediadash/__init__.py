"""The project: settings, servers and the processes they run in. What the product does is in `sessions_app`."""

from mediadash.celery import app as celery_app

__all__ = ["celery_app"]
