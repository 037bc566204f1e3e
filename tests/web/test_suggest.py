"""What the search field proposes."""

import pytest

from sessions_app.models import AuditEntry
from tests.cast import signed_in
from tests.web.made import ended, playing


def proposed(person, text):
    return signed_in(person).get("/viewers/suggest/", {"q": text}).json()["results"]


def test_titles_by_a_part_of_their_name_and_sessions_by_the_start_of_their_id(cast):
    live, over = (
        playing(cast.web, "abc-one", content_title="Meltwater"),
        ended(cast.web, "xyz", content_title="abc news"),
    )
    found = proposed(cast.vera, "ABC")
    assert [one["kind"] for one in found] == ["title", "session"]
    assert found[0]["words"] == "abc news"
    assert found[1]["url"] == f"/sessions/{live.pk}/"
    assert proposed(cast.vera, "xyz")[0]["url"] == f"/sessions/{over.pk}/"


def test_people_are_never_proposed_and_nothing_is_recorded(cast):
    playing(cast.web, "one", [("mpid", "-8572887793551346848"), ("email", "vera@example.com")])
    assert proposed(cast.sam, "6848") == proposed(cast.sam, "vera@example.com") == []
    assert not AuditEntry.objects.filter(action="search").exists()


@pytest.mark.parametrize("text", ["", "ab", "\0\0\0", "%%%", "___"])
def test_what_could_mean_anything_proposes_nothing(cast, text):
    playing(cast.web, "one", content_title="Abacus")
    assert proposed(cast.vera, text) == []


def test_other_workspaces_sessions_are_not_proposed(cast):
    playing(cast.web, "abc-one", content_title="Meltwater")
    assert proposed(cast.eve, "melt") == []
