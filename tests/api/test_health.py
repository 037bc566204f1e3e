"""/healthz, /readyz and /metrics."""

from django.db import connection

from sessions_app.summaries import due
from tests.cast import bearer, signed_in
from tests.forwarding.made import make_delivery, make_destination


def test_healthz_asks_nobody(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_tells_strangers_no_detail(client, db):
    assert client.get("/readyz").json() == {"status": "ok"}


def test_readyz_tells_ops_what_was_checked(client, cast):
    answer = client.get("/readyz", headers=bearer(cast.northlight, "ops"))
    assert answer.json()["checks"] == {"database": "ok", "schema": "ok"}


def test_metrics_are_for_ops_and_admin(client, cast):
    assert client.get("/metrics").status_code == 403
    assert signed_in(cast.vera).get("/metrics").status_code == 403
    assert signed_in(cast.olga).get("/metrics").status_code == 200
    assert client.get("/metrics", headers=bearer(cast.northlight, "ops")).status_code == 200


def gauge(page, name):
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(f"{name} "))


def test_metrics_say_how_long_work_has_waited_for_a_worker(cast):
    make_delivery(make_destination(cast.northlight, "https://s2s.mparticle.com"), cast.web, "a")
    due.put([1], "ended")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sessions_app_delivery SET next_attempt_at = now() - interval '90 s'")
        cursor.execute("UPDATE sessions_app_settledue SET due_at = now() - interval '70 s'")
    page = signed_in(cast.olga).get("/metrics").content.decode()
    assert gauge(page, "mediadash_settling_oldest_waiting_seconds") >= 70
    assert gauge(page, "mediadash_forwarding_oldest_waiting_seconds") >= 90
