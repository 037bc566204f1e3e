"""Settings: secrets shown once, roles given and taken, names told apart."""

import pytest

from sessions_app.models import Destination, Input
from tests.cast import signed_in

DESTINATION = {"name": "US1", "url": "https://s2s.us1.mparticle.com", "key": "us1-k", "secret": "very secret words"}


def test_a_new_inputs_secret_is_shown_once(cast):
    browser = signed_in(cast.alice)
    answer = browser.post("/settings/inputs/", {"name": "Player", "platform": "roku"})
    made = Input.objects.get(name="Player")
    assert answer.status_code == 200
    assert made.key in answer.text
    secret = answer.text.split('aria-label="Copy secret" data-copy="')[1].split('"')[0]
    assert secret not in browser.get("/settings/").text


def test_a_key_is_brought_along_or_refused_in_words(cast):
    browser, form = signed_in(cast.alice), {"name": "Phones", "platform": "android", "key": "us1-already-there"}
    refused = browser.post("/settings/inputs/", form)
    assert refused.status_code == 422
    assert "signs with the secret" in refused.text
    answer = browser.post("/settings/inputs/", form | {"secret": "as compiled into the app"})
    assert answer.status_code == 200
    assert Input.objects.get(name="Phones").key == "us1-already-there"


@pytest.mark.parametrize("form", [{"name": "", "platform": "web"}, {"name": "x", "platform": "vcr"}])
def test_a_wrong_input_is_not_made(cast, form):
    assert signed_in(cast.alice).post("/settings/inputs/", form).status_code == 422
    assert Input.objects.count() == 1


def test_two_inputs_of_one_name_are_refused_in_words(cast):
    answer = signed_in(cast.alice).post("/settings/inputs/", {"name": "Northlight web", "platform": "web"})
    assert answer.status_code == 422
    assert "exists already" in answer.text


def test_a_new_secret_and_the_end_of_an_input(cast):
    browser, before = signed_in(cast.alice), bytes(cast.web.secret_sha256)
    assert "new secret" in browser.post(f"/settings/inputs/{cast.web.pk}/", {"do": "renew"}).text
    cast.web.refresh_from_db()
    assert bytes(cast.web.secret_sha256) != before
    browser.post(f"/settings/inputs/{cast.web.pk}/", {"do": "revoke"})
    cast.web.refresh_from_db()
    assert cast.web.revoked_at is not None


def test_a_destinations_secret_is_never_shown(cast):
    browser = signed_in(cast.alice)
    assert browser.post("/settings/destinations/", DESTINATION).status_code == 302
    made = Destination.objects.get()
    assert made.secret() == "very secret words"
    assert "very secret words" not in browser.get("/settings/").text


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://s2s.mparticle.com.evil.example", ""])
def test_only_known_addresses_are_forwarded_to(cast, url):
    assert signed_in(cast.alice).post("/settings/destinations/", DESTINATION | {"url": url}).status_code == 422
    assert not Destination.objects.exists()


def test_roles_are_given_and_taken(cast):
    browser = signed_in(cast.alice)
    browser.post("/settings/members/", {"email": cast.vera.username.upper(), "role": "ops"})
    held = cast.vera.memberships.get(role="ops")
    browser.post(f"/settings/members/{held.pk}/")
    assert not cast.vera.memberships.filter(role="ops").exists()


def test_nobody_without_an_account_becomes_a_member(cast):
    answer = signed_in(cast.alice).post("/settings/members/", {"email": "x@y.example", "role": "ops"})
    assert answer.status_code == 422
    assert "Nobody with this email" in answer.text


def test_the_last_way_back_is_kept(cast):
    own = cast.alice.memberships.get()
    signed_in(cast.alice).post(f"/settings/members/{own.pk}/")
    assert cast.alice.memberships.exists()


@pytest.mark.parametrize("path", ["inputs/", "destinations/", "members/"])
def test_only_admins_change_settings(cast, path):
    assert signed_in(cast.olga).post(f"/settings/{path}", {}).status_code == 403


def test_another_workspaces_input_is_not_there(cast):
    cast.eve.memberships.get(role="admin")
    assert signed_in(cast.eve).post(f"/settings/inputs/{cast.web.pk}/", {"do": "revoke"}).status_code == 404
