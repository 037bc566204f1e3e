"""Which path leads where: pages, the REST API, health. The ingest doors stand before Django (mediadash/asgi.py)."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
