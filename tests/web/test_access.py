"""Who may open which page, and what the others are told."""

import re

import pytest
from django.test import Client

from tests.cast import signed_in
from tests.viewers.made import identity
from tests.web.made import playing

EVERYBODY = {"viewer", "support", "ops", "admin"}
PAGES = {
    "/live/": EVERYBODY,
    "/first-run/": EVERYBODY,
    "/titles/film-1/": EVERYBODY,
    "/viewers/": EVERYBODY,
    "/viewers/suggest/": EVERYBODY,
    "/viewers/{ref}/": {"support"},
    "/exports/": {"ops", "admin"},
    "/forwarding/": EVERYBODY,
    "/quality/": EVERYBODY,
    "/settings/": {"admin"},
}


@pytest.fixture
def place(cast):
    """Where a page is, with something to show on it; first run is there only while there is nothing."""

    def place_of(path):
        if path == "/first-run/":
            return path
        playing(cast.web, "one", [("mpid", "5551234")])
        return path.format(ref=identity(cast.northlight, "mpid", "5551234").pk)

    return place_of


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_opens_its_pages_and_no_others(cast, place, role, path):
    answer = signed_in(cast.of_role(role)).get(place(path), headers={"Accept": "text/html"})
    if role in PAGES[path]:
        assert answer.status_code == 200
    else:
        assert answer.status_code == (404 if "viewers" in path else 403)
        assert "<h1>" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in_and_back(cast, place, path):
    answer = Client().get(place(path))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=/")


@pytest.mark.parametrize("path", ["/titles/film-1/", "/viewers/{ref}/"])
def test_another_workspaces_records_are_not_there(cast, place, path):
    assert signed_in(cast.eve).get(place(path)).status_code == 404


def test_nobody_without_a_workspace_sees_anything(cast):
    cast.vera.memberships.all().delete()
    answer = signed_in(cast.vera).get("/live/", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "not a member" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_style_of_its_own(cast, place, path):
    everything = cast.alice if "viewers/{" not in path else cast.sam
    answer = signed_in(everything).get(place(path))
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
    for script in re.findall(r"<script\b([^>]*)>", answer.text):
        assert "src=" in script or 'type="application/json"' in script


def test_personal_pages_are_kept_by_no_cache(cast, place):
    assert signed_in(cast.sam).get(place("/viewers/{ref}/"))["Cache-Control"] == "no-store"
