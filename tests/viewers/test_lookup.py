"""Finding a viewer by what a customer can say."""

import pytest

from sessions_app.models import AuditEntry
from sessions_app.viewers.audit import Actor
from sessions_app.viewers.lookup import SearchLimitError, search
from tests.viewers.made import NOW, identity, session

MPID = "-7346244611012968789"


@pytest.fixture
def watched(cast):
    identities = [
        ("mpid", MPID),
        ("customer_id", "kim-4711"),
        ("email", "Kim@example.com"),
        ("mp_deviceid", "dev-98ab"),
    ]
    return session(cast.web, "s-1", identities, device="Roku Ultra")


@pytest.fixture
def find(cast):
    return lambda text: search(cast.northlight, text, Actor.of(cast.sam), NOW).results


def test_an_mpid_is_found_whole_and_by_its_end(watched, find):
    for text in (MPID, "8789", "2968789"):
        (found,) = find(text)
        assert (found["match"], found["masked"]) == ("mpid", "•••8789")
    assert found["watching"]
    assert found["devices"] == ["Roku Ultra"]


def test_customer_id_and_email_are_found_only_whole(watched, find):
    assert find("kim-4711")[0]["match"] == "customer_id"
    assert find("Kim@example.com")[0]["masked"] == "K•••@e•••"
    assert find("4711") == find("example.com") == []


def test_fewer_than_four_characters_of_an_end_say_so(watched, cast):
    found = search(cast.northlight, "789", Actor.of(cast.sam), NOW)
    assert (found.results, found.too_short) == ([], True)


def test_another_workspaces_viewer_is_not_found(watched, cast):
    assert search(cast.elsewhere, MPID, Actor.of(cast.eve), NOW).results == []


def test_no_result_carries_an_identity_in_the_clear(watched, find):
    shown = str(find(MPID) + find("kim-4711") + find("Kim@example.com"))
    assert MPID not in shown
    assert "4711" not in shown
    assert "example" not in shown


def test_a_search_is_audited_without_its_words(watched, find, cast):
    find("kim-4711")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("search", str(cast.sam))
    assert "4711" not in entry.subject


def test_the_thirty_first_search_of_a_minute_is_refused(watched, find):
    for _ in range(30):
        find("kim-4711")
    with pytest.raises(SearchLimitError):
        find("kim-4711")


def test_more_matches_do_not_mean_more_queries(cast, find, django_assert_max_num_queries):
    for number in range(20):
        identity(cast.northlight, "mpid", f"{number}0008789")
    with django_assert_max_num_queries(12):
        assert len(find("8789")) == 20


@pytest.mark.parametrize("text", ["", "\0", "'; DROP TABLE sessions_app_identity; --", "%", "____", "8789\\"])
def test_odd_words_find_nothing_and_harm_nothing(watched, find, text):
    assert find(text) == []
