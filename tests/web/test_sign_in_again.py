"""What opens other doors is changed only shortly after a sign-in: by pages, over the API, in the admin site."""

import pytest

from sessions_app.models import AuditEntry, Destination, Input
from sessions_app.viewers.recent import RECENT_S
from tests.api.made import Api, as_program
from tests.cast import PASSWORD, signed_in

DESTINATION = {"name": "US1", "url": "https://s2s.us1.mparticle.com", "key": "us1-k", "secret": "very secret words"}


@pytest.fixture
def alice(cast):
    """Her browser, a quarter of an hour after she signed in."""
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    browser = signed_in(cast.alice)
    kept = browser.session
    kept["signed_in_at"] -= RECENT_S + 1
    kept.save()
    return browser


def sign_in_again(browser, cast):
    form = {"username": cast.alice.username, "password": PASSWORD, "next": "/settings/"}
    answer = browser.post("/sign-in/again/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/")


@pytest.mark.parametrize("path", ["inputs/", "inputs/{web}/", "destinations/", "members/"])
def test_a_page_asks_for_the_password_before_it_changes_a_key_a_destination_or_a_role(alice, cast, path):
    answer = alice.post("/settings/" + path.format(web=cast.web.pk), {"name": "Player", "do": "renew", **DESTINATION})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/again/?next=/settings/")
    asked = alice.get(answer["Location"]).text
    assert "Sign in again" in asked
    assert cast.alice.username in asked
    assert (Input.objects.count(), Destination.objects.count(), AuditEntry.objects.count()) == (1, 0, 0)


def test_after_the_password_it_is_changed_and_stands_in_the_audit(alice, cast):
    sign_in_again(alice, cast)
    assert alice.post("/settings/destinations/", DESTINATION)["Location"] == "/settings/"
    alice.post("/settings/inputs/", {"name": "Player", "platform": "web"})
    alice.post(f"/settings/inputs/{cast.web.pk}/", {"do": "renew"})
    alice.post("/settings/members/", {"email": cast.vera.username, "role": "ops"})
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["make_destination", "make_input", "renew_secret", "give_role"]


def test_a_wrong_password_opens_nothing(alice, cast):
    answer = alice.post("/sign-in/again/", {"username": cast.alice.username, "password": "wrong"})
    assert "do not match" in answer.text
    assert alice.post("/settings/inputs/", {"name": "x", "platform": "web"})["Location"].startswith("/sign-in/again/")


def test_looking_goes_on_all_day(alice):
    assert alice.get("/settings/").status_code == 200
    assert Api(alice).get("inputs/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "inputs/"),
        ("PATCH", "inputs/{web}/"),
        ("DELETE", "inputs/{web}/"),
        ("POST", "inputs/{web}/secret/"),
        ("POST", "destinations/"),
        ("POST", "members/"),
        ("POST", "tokens/"),
        ("PATCH", "workspace/"),
    ],
)
def test_the_api_says_sign_in_again_to_a_person_and_not_to_a_program(alice, cast, method, path):
    path = path.format(web=cast.web.pk)
    answer = Api(alice).send(method, path, {})
    assert (answer.status_code, answer.json()["title"]) == (403, "Sign in again")
    assert answer["Content-Type"] == "application/problem+json"
    assert as_program(cast.northlight, "admin").send(method, path, {}).status_code != 403
    sign_in_again(alice, cast)
    assert Api(alice).send(method, path, {}).status_code != 403


def test_the_admin_site_asks_too_and_its_changes_stand_in_the_audit(alice, cast):
    page = f"/admin/sessions_app/input/{cast.web.pk}/change/"
    form = {"name": "Renamed", "origins": "[]", "rate_per_s": "", "revoked_at_0": "", "revoked_at_1": ""}
    assert alice.get(page).status_code == 200
    asked = alice.post(page, form, follow=True)
    assert asked.redirect_chain[-1][0].startswith("/sign-in/again/?next=")
    sign_in_again(alice, cast)
    assert alice.post(page, form).status_code == 302
    cast.web.refresh_from_db()
    assert cast.web.name == "Renamed"
    assert list(AuditEntry.objects.values_list("action", "subject")) == [("admin_change", f"input {cast.web.pk}")]
