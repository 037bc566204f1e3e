"""Is the process there, can it serve, and its figures: /healthz, /readyz, /metrics."""

import contextlib
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from psycopg_pool import PoolTimeout

from sessions_app.api.auth import roles_of_request
from sessions_app.forwarding import overview
from sessions_app.summaries import due
from sessions_app.viewers.roles import Action, may
from sessions_app.web.errors import error_answer

# A schema once found complete stays so while this process runs.
_schema_is_complete = False


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration. What exactly is missing is told to ops and admin only."""
    checks = {"database": "ok", "schema": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _schema_complete():
            checks["schema"] = "migrations are missing: run manage.py migrate"
    except (DatabaseError, PoolTimeout) as problem:
        checks = {"database": type(problem).__name__, "schema": "unknown"}
    is_ready = set(checks.values()) == {"ok"}
    body: dict[str, Any] = {"status": "ok" if is_ready else "unavailable"}
    if is_ready and may(roles_of_request(request), Action.SEE_METRICS):
        body["checks"] = checks
    answer = JsonResponse(body, status=200 if is_ready else 503)
    if not is_ready:
        answer["Retry-After"] = "2"
    return answer


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for ops and admin: signed in, or scraping with a bearer token of that role."""
    roles = roles_of_request(request)
    if not may(roles, Action.SEE_METRICS):
        return error_answer(request, 403)
    answer: HttpResponse = ExportToDjangoView(request)
    # This process's own figures are there even when the database is not.
    with contextlib.suppress(DatabaseError, PoolTimeout):
        answer.content += _waiting()
    return answer


def _waiting() -> bytes:
    """How long what the workers should do has waited; the same from every web process, so read when asked."""
    registry = CollectorRegistry()
    settling = Gauge(
        "mediadash_settling_oldest_waiting_seconds", "Age of the oldest session to settle", registry=registry
    )
    settling.set(due.oldest_waiting_s())
    forwarding = Gauge(
        "mediadash_forwarding_oldest_waiting_seconds", "Age of the oldest batch that could be sent", registry=registry
    )
    forwarding.set(overview.oldest_waiting_s())
    return generate_latest(registry)


def _schema_complete() -> bool:
    global _schema_is_complete  # noqa: PLW0603
    if not _schema_is_complete:
        executor = MigrationExecutor(connection)
        _schema_is_complete = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _schema_is_complete
