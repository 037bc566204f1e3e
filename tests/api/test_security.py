"""Headers, CSRF, sign-in limits, refusals that are never HTML, and strings that want to be something else."""

import json

import pytest
from django.test import Client

from tests.api.made import Api, as_person
from tests.cast import PASSWORD, bearer, signed_in
from tests.viewers.made import session

INJECTIONS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}",
    "{% debug %}",
    "${7*7}",
    "#{7*7}",
    "' OR '1'='1",
    "'; DROP TABLE sessions_app_mediasession; --",
    '" onmouseover="alert(1)',
    "<!--",
    "]]>",
    "\u202eevil",
    "\u2028\u2029",
    "\ufeff",
    "%00",
    "%s%s%n",
    "../../etc/passwd",
    "..\\..\\windows",
    "\r\nSet-Cookie: a=b",
    "\x1b[31mred",
    '=HYPERLINK("http://evil.example")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-1",
    "<svg/onload=alert(1)>",
    "&lt;b&gt;",
    "🏳️‍🌈" * 20,
    "a" * 5000,
    "null",
    "__proto__",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_hostile_string_comes_back_as_the_text_it_is(cast, text):
    """Through storage, filter, and JSON; never as HTML."""
    row = session(cast.web, text, content_id=text, content_title=text, events=[(text, 0, {"note": text})])
    vera = as_person(cast.vera)
    answer = vera.get("sessions/", media_session_id=text)
    assert answer["Content-Type"] == "application/json"
    assert [found["content_title"] for found in answer.json()["results"]] == [text]
    shown = vera.get(f"sessions/{row.pk}/events/")
    assert shown.json()["events"][0]["name"] == text
    assert shown["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/me/", "/api/v1/nothing", "/sign-in/", "/nothing", "/live/"])
def test_every_answer_carries_the_headers(cast, path):
    answer = signed_in(cast.vera).get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer


def test_personal_answers_are_kept_by_no_cache(cast):
    assert "no-store" in as_person(cast.vera).get("sessions/")["Cache-Control"]
    program = Client().get("/api/v1/sessions/", headers=bearer(cast.northlight, "viewer"))
    assert "no-store" in program["Cache-Control"]


def test_a_cookie_alone_changes_nothing(cast):
    """Another site can make a browser send the cookie, not the CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = Api(client).post("inputs/", {"name": "x"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    with_token = Client(enforce_csrf_checks=True)
    assert Api(with_token, bearer(cast.northlight, "admin")).post("inputs/", {"name": "x"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('{"name": NaN}', "application/json", 400),
        ("[]", "application/json", 400),
        ('"x"', "application/json", 400),
        ('{"name": "a\\u0000b"}', "application/json", 400),
        ("name=x", "application/x-www-form-urlencoded", 415),
        ("<a/>", "text/xml", 415),
        ("", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(cast, body, content_type, status):
    alice = signed_in(cast.alice)
    answer = alice.post("/api/v1/inputs/", body, content_type=content_type)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail", "instance", "errors"}


def test_another_method_is_a_problem_that_says_which_are_allowed(cast):
    answer = as_person(cast.alice).send("PUT", "inputs/")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize("accept", ["application/json", "text/html", "*/*", ""])
def test_the_api_never_answers_html(client, db, accept):
    for path in ("/api/v1/nothing/", "/api/nothing", "/api/v1/sessions/"):
        answer = client.get(path, headers={"accept": accept})
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.status_code in (401, 404)


def test_programs_get_json_and_browsers_a_page_for_what_is_not_there(client, db):
    assert client.get("/nothing").json()["errors"][0]["code"] == "NOT_FOUND"
    page = client.get("/nothing", headers={"accept": "text/html"})
    assert page["Content-Type"].startswith("text/html")
    assert page.status_code == 404


def test_a_failure_shows_no_trace_of_where(cast, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("sessions_app.api.sessions.sessions_json", fails)
    vera = as_person(cast.vera)
    vera.client.raise_request_exception = False
    session(cast.web, "s-1")
    answer = vera.get("sessions/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret detail" not in answer.content.decode()


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Bearer é", "Basic eDp5", "bearer \x01"])
def test_a_made_up_token_opens_nothing(client, db, header):
    assert client.get("/api/v1/sessions/", headers={"Authorization": header}).status_code == 401


def test_a_sign_in_ends_after_half_an_hour_of_nothing(cast, settings):
    client = signed_in(cast.vera)
    assert client.get("/api/v1/me/").status_code == 200
    stored = client.session
    stored["seen_at"] = stored["seen_at"] - settings.SESSION_IDLE_S - 1
    stored.save()
    assert client.get("/api/v1/me/").status_code == 401


def test_a_sign_in_ends_after_twelve_hours_however_busy(cast, settings):
    client = signed_in(cast.vera)
    client.get("/api/v1/me/")
    stored = client.session
    stored["signed_in_at"] = stored["signed_in_at"] - settings.SESSION_COOKIE_AGE - 1
    stored.save()
    assert client.get("/api/v1/me/").status_code == 401


def test_the_session_key_changes_with_the_sign_in(cast, client):
    cast.vera.set_password(PASSWORD)
    cast.vera.save()
    client.get("/sign-in/")
    planted = client.session
    planted["x"] = 1
    planted.save()
    before = planted.session_key
    client.cookies["sessionid"] = before
    client.post("/sign-in/", {"username": cast.vera.username, "password": PASSWORD})
    assert client.cookies["sessionid"].value != before
    assert client.get("/api/v1/me/").status_code == 200


def test_an_account_that_was_closed_is_out_with_the_next_request(cast):
    vera = as_person(cast.vera)
    assert vera.get("me/").status_code == 200
    cast.vera.is_active = False
    cast.vera.save()
    assert vera.get("me/").status_code == 401


def test_a_role_taken_away_is_gone_with_the_next_request(cast):
    olga = as_person(cast.olga)
    assert olga.get("exports/").status_code == 200
    cast.olga.memberships.all().delete()
    assert olga.get("exports/").status_code == 403


def test_the_admin_site_is_for_administrators_and_shows_their_workspace_only(cast):
    for name in ("vera", "sam", "olga"):
        assert signed_in(getattr(cast, name)).get("/admin/", follow=True).status_code == 403
    alice = signed_in(cast.alice)
    assert alice.get("/admin/").status_code == 200
    shown = alice.get("/admin/sessions_app/workspace/").content.decode()
    assert "Northlight" in shown
    assert "Elsewhere" not in shown
    assert alice.get(f"/admin/sessions_app/workspace/{cast.elsewhere.pk}/change/").status_code == 302
    listed = alice.get("/admin/auth/user/").content.decode()
    assert "vera@" in listed
    assert "eve@" not in listed


@pytest.mark.parametrize(
    "model", ["input", "accesstoken", "destination", "mediasession", "delivery", "export", "auditentry", "membership"]
)
def test_the_admin_site_shows_no_secret(cast, model):
    from sessions_app.models import Destination
    from sessions_app.viewers.setup import make_token

    Destination.objects.create(workspace=cast.northlight, name="d", url="x", key="k", secret_encrypted=b"cipher")
    _, token = make_token(cast.northlight, "ops")
    session(cast.web, "s", [("mpid", "4711000012345678")])
    alice = signed_in(cast.alice)
    page = alice.get(f"/admin/sessions_app/{model}/").content.decode()
    for secret in (cast.web_secret, token, "cipher", "4711000012345678", bytes(cast.web.secret_sha256).hex()):
        assert secret not in page


def test_the_description_of_the_api_is_whole_and_has_the_doors(client, db):
    answer = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    paths = json.loads(answer.content)["paths"]
    for path in ("/api/v1/sessions/", "/api/v1/sessions/{id}/summary/", "/v2/events", "/v3/JS/{key}/events"):
        assert path in paths or path.replace("{id}", "{pk}") in paths, path
