"""/healthz, /readyz and /metrics."""

from tests.cast import bearer, signed_in


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
