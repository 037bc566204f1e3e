"""Which path leads where: pages, the REST API, health. The ingest doors stand before Django (asgi.py)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from sessions_app.web import admin_gate, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/", include("sessions_app.api.urls")),
    path("admin/login/", admin_gate.admin_login),
    path("admin/", admin.site.urls),
    path("", include("sessions_app.web.urls")),
]

handler400 = "sessions_app.web.errors.bad_request"
handler403 = "sessions_app.web.errors.permission_denied"
handler404 = "sessions_app.web.errors.page_not_found"
handler500 = "sessions_app.web.errors.server_error"
