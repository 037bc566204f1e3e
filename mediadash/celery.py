"""Celery: the worker that settles, forwards and exports, and the beat that finds what no hint announced."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")

app = Celery("mediadash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
