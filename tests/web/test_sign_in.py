"""Signing in: helpful to those who may, even-handed to those who may not."""

import pytest
from django.test import Client

from tests.cast import PASSWORD

RIGHT = {"username": "vera@northlight.example", "password": PASSWORD}


@pytest.fixture
def vera(cast):
    cast.vera.set_password(PASSWORD)
    cast.vera.save()
    return cast.vera


def test_the_right_pair_opens_the_page_that_was_asked_for(vera):
    answer = Client().post("/sign-in/", RIGHT | {"next": "/quality/"})
    assert (answer.status_code, answer["Location"]) == (302, "/quality/")


def test_email_may_be_spelt_in_any_case(vera):
    answer = Client().post("/sign-in/", RIGHT | {"username": " Vera@Northlight.Example"})
    assert answer.status_code == 302


def test_another_site_is_no_place_to_go_to(vera):
    answer = Client().post("/sign-in/", RIGHT | {"next": "https://evil.example/"})
    assert answer["Location"] == "/live/"


@pytest.mark.parametrize("email", ["vera@northlight.example", "nobody@northlight.example"])
def test_a_wrong_pair_says_the_same_whether_the_account_exists(vera, email):
    answer = Client().post("/sign-in/", {"username": email, "password": "wrong"})
    assert answer.status_code == 200
    assert "That email and password do not match. 4 tries left before a 15-minute wait." in answer.text
    assert 'role="alert"' in answer.text


def test_after_five_wrong_tries_the_right_one_waits_too(vera):
    browser = Client()
    for _ in range(5):
        browser.post("/sign-in/", RIGHT | {"password": "wrong"})
    answer = browser.post("/sign-in/", RIGHT)
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text


def test_signing_out_is_a_deed_not_a_link(vera):
    browser = Client()
    browser.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/").status_code == 302
    assert browser.get("/live/").status_code == 302


def test_an_old_form_is_answered_in_words(vera):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", RIGHT, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "Reload the page" in answer.text
