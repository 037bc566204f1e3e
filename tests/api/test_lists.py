"""Every list of the API: as many queries for thirty rows as for two, none of them through a whole table."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.api import urls as api_urls
from sessions_app.api.base import Listing
from sessions_app.models import Delivery, Destination, Erasure, Export, ExportSchedule, Quarantined
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.setup import make_input, make_token
from tests.api.made import as_person
from tests.api.test_role_matrix import patterns
from tests.cast import person
from tests.viewers.made import NOW, identity, session

MPID = "4711000012345678"
# Grow with what is watched; the others have a row per person, key or file.
LARGE = (
    "mediasession", "mediaevent", "rawbatch", "identity", "sessionidentity", "sessionsummary", "adsummary",
    "segmentsummary", "delivery", "quarantined", "auditentry", "ingestcount", "refusedrequest", "viewerevent",
)  # fmt: skip


def add_session(cast, n):
    session(cast.web, f"s-{n}", [("mpid", MPID), ("email", f"{n}@b.example")], [("Play", 0, {})])


def add_event(cast, n):
    from sessions_app.models import MediaEvent

    MediaEvent.objects.filter(name="Play").delete()
    session(cast.web, f"s-{n}", [], [("Play", number, {}) for number in range(n + 1)])


def add_input(cast, n):
    make_input(cast.northlight, f"input {n}")


def add_member(cast, n):
    cast.northlight.memberships.create(user=person(f"p{n}"), role="viewer")


def add_token(cast, n):
    make_token(cast.northlight, "ops", f"token {n}")


def add_entry(cast, n):
    record(cast.northlight, Actor.of(cast.alice), "look", f"thing {n}", NOW)


def a_destination(cast, name):
    words = {"url": "x", "key": "k", "secret_encrypted": b"x"}
    return Destination.objects.get_or_create(workspace=cast.northlight, name=name, defaults=words)[0]


def add_destination(cast, n):
    a_destination(cast, f"mP {n}")


def add_delivery(cast, n):
    Delivery.objects.create(
        destination=a_destination(cast, "mP"), lane=f"{n:032x}", status="dead", next_attempt_at=NOW, created_at=NOW
    )


def add_quarantined(cast, n):
    Quarantined.objects.create(
        input=cast.web, code="X", message="m", door="server", raw=b"x", raw_key=f"{n:032x}", received_at=NOW
    )


def add_export(cast, n):
    Export.objects.create(
        workspace=cast.northlight, name=f"e {n}", dataset="ads", format="csv", options={}, requested_at=NOW
    )


def add_schedule(cast, n):
    ExportSchedule.objects.create(
        workspace=cast.northlight, name=f"e {n}", dataset="ads", format="csv", options={}, every="daily",
        next_at=NOW + dt.timedelta(days=1),
    )  # fmt: skip


def add_erasure(cast, n):
    Erasure.objects.create(workspace=cast.northlight, identity_type="email", requested_by="x", requested_at=NOW)


LISTS = {
    "sessions/": ("vera", add_session),
    "sessions/?live=true": ("vera", add_session),
    "sessions/?content_id=film-1": ("vera", add_session),
    "sessions/?media_session_id=s-1": ("vera", add_session),
    "sessions/{session}/events/": ("vera", add_event),
    "viewers/{viewer}/sessions/": ("sam", add_session),
    "viewers/?q=12345678": ("sam", add_session),
    "inputs/": ("alice", add_input),
    "members/": ("alice", add_member),
    "tokens/": ("alice", add_token),
    "audit/": ("alice", add_entry),
    "destinations/": ("olga", add_destination),
    "deliveries/": ("olga", add_delivery),
    "deliveries/?status=dead": ("olga", add_delivery),
    "quarantine/": ("olga", add_quarantined),
    "exports/": ("olga", add_export),
    "exports/schedules/": ("olga", add_schedule),
    "erasures/": ("alice", add_erasure),
    "quality/": ("olga", add_input),
}


@pytest.fixture
def things(cast):
    watched = session(cast.web, "first", [("mpid", MPID)], [("Pause", 0, {})])
    return {"session": watched.pk, "viewer": identity(cast.northlight, "mpid", MPID).pk}


def asked_by(api, path):
    """The queries of one request, the browser being known already."""
    assert api.client.get(f"/api/v1/{path}").status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert api.client.get(f"/api/v1/{path}").status_code == 200
    return [query["sql"] for query in asked]


@pytest.mark.parametrize("path", LISTS)
def test_thirty_rows_take_as_many_queries_as_two(cast, things, path):
    name, add = LISTS[path]
    api, path = as_person(getattr(cast, name)), path.format(**things)
    for n in range(2):
        add(cast, n)
    few = asked_by(api, path)
    for n in range(2, 30):
        add(cast, n)
    assert len(asked_by(api, path)) == len(few)


@pytest.mark.parametrize("path", LISTS)
def test_no_list_reads_a_whole_table(cast, things, path):
    """A plan that may read whole tables only where there is no other way must not do so."""
    name, add = LISTS[path]
    add(cast, 1)
    queries = asked_by(as_person(getattr(cast, name)), path.format(**things))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in queries:
            if query.startswith(("SELECT", "WITH")):
                cursor.execute("EXPLAIN " + query.replace("%", "%%"), [])
                plan = "\n".join(line for (line,) in cursor.fetchall())
                for table in LARGE:
                    assert f"Seq Scan on sessions_app_{table}" not in plan, plan


def test_every_list_is_tested_here():
    listed = {str(pattern.pattern) for pattern in patterns(api_urls.v1) if issubclass(view_of(pattern), Listing)}
    tested = {path.partition("?")[0] for path in LISTS}
    assert {path.replace("<str:ref>", "{viewer}") for path in listed} <= tested


def view_of(pattern):
    return pattern.callback.view_class
