"""Sessions over REST: shapes, filters, looking back, and a query count that does not grow."""

import pytest

from tests.api.made import as_person, as_program
from tests.viewers.made import NOW_MS, identity, session

MPID = "4711000012345678"
STORY = [
    ("Media Session Start", 0, {"content_id": "film-1", "content_duration": 600_000}),
    ("Play", 1_000, {"playhead_position": 0}),
    ("Pause", 61_000, {"playhead_position": 60_000}),
    ("Stall error", 62_000, {"email": "kim@example.com"}),
    ("Media Session End", 71_000, {}),
]


@pytest.fixture
def vera(cast):
    return as_person(cast.vera)


@pytest.fixture
def watched(cast):
    identities = [("mpid", MPID), ("email", "kim@example.com")]
    return session(cast.web, "s-1", identities, STORY, live=False, state="ended", last_at_ms=NOW_MS + 71_000)


def test_a_session_is_found_by_its_media_session_id(vera, watched, cast):
    session(cast.web, "s-2")
    (row,) = vera.get("sessions/", media_session_id="s-1").json()["results"]
    assert (row["id"], row["media_session_id"]) == (str(watched.pk), "s-1")
    assert row["mpid_masked"] == "5678"
    assert row["viewer_ref"] == str(identity(cast.northlight, "mpid", MPID).pk)
    assert row["input"]["name"] == "Northlight web"


def test_filters_hold_together(vera, cast):
    session(cast.web, "a", content_id="x", live=True)
    session(cast.web, "b", content_id="x", live=False)
    session(cast.web, "c", content_id="y", live=True, platform="roku")
    ids = lambda **query: [row["media_session_id"] for row in vera.get("sessions/", **query).json()["results"]]  # noqa: E731
    assert ids() == ["c", "b", "a"]
    assert ids(content_id="x", live="true") == ["a"]
    assert ids(live="false") == ["b"]
    assert ids(platform="roku") == ["c"]


def test_pages_go_by_cursor_and_nobody_is_twice(vera, cast):
    for number in range(7):
        session(cast.web, f"s-{number}")
    seen, answer = [], vera.get("sessions/", limit=3).json()
    while True:
        seen += [row["media_session_id"] for row in answer["results"]]
        if answer["next"] is None:
            break
        answer = vera.client.get(answer["next"]).json()
    assert seen == [f"s-{number}" for number in reversed(range(7))]


def test_more_rows_do_not_mean_more_queries(vera, cast, django_assert_num_queries):
    for number in range(3):
        session(cast.web, f"s-{number}", [("mpid", f"{number}0000")])
    vera.get("sessions/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        vera.get("sessions/")
    for number in range(3, 30):
        session(cast.web, f"s-{number}", [("mpid", f"{number}0000")])
    with django_assert_num_queries(len(few)):
        assert len(vera.get("sessions/").json()["results"]) == 30


@pytest.mark.parametrize(
    "query",
    [
        {"live": "maybe"},
        {"input_id": "99999999999999999999"},
        {"media_session_id": "a\0b"},
        {"state": "dancing"},
        {"from_ms": "1e99"},
    ],
)
def test_a_parameter_that_cannot_be_meant_is_named_in_a_problem(vera, query):
    answer = vera.get("sessions/", **query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["errors"][0]["pointer"] == f"/{next(iter(query))}"


@pytest.mark.parametrize("cursor", ["x", "cD14", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é"])
def test_a_made_up_cursor_leads_to_no_page(vera, cursor):
    answer = vera.get("sessions/", cursor=cursor)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_the_timeline_has_the_lanes_and_the_version(vera, watched):
    lanes = vera.get(f"sessions/{watched.pk}/timeline/").json()
    assert (lanes["version"], lanes["last_seq"]) == (5, 5)
    assert [span["state"] for span in lanes["playback"]][:3] == ["starting", "playing", "paused"]
    assert lanes["errors"][0]["name"] == "Stall error"


def test_events_come_in_order_of_arrival_with_identities_struck_out(vera, watched):
    answer = vera.get(f"sessions/{watched.pk}/events/", limit=4).json()
    assert [event["seq"] for event in answer["events"]] == [1, 2, 3, 4]
    assert answer["next"] == 4
    assert "kim@example.com" not in str(answer)
    rest = vera.get(f"sessions/{watched.pk}/events/", after=4).json()
    assert ([event["name"] for event in rest["events"]], rest["next"]) == (["Media Session End"], None)


def test_one_event_says_how_it_was_passed_on(vera, watched, cast):
    from sessions_app.models import Delivery, Destination, MediaEvent
    from tests.viewers.made import NOW

    batch = MediaEvent.objects.filter(session=watched).first().raw_batch_id
    made = Destination.objects.create(workspace=cast.northlight, name="mP", url="x", key="k", secret_encrypted=b"x")
    for indexes in ([0, 1], [2]):
        Delivery.objects.create(
            destination=made,
            raw_batch_id=batch,
            indexes=indexes,
            lane=f"{indexes[0]}" * 32,
            next_attempt_at=NOW,
            created_at=NOW,
        )
    listed = vera.get(f"sessions/{watched.pk}/events/", forwards="true").json()["events"]
    assert [one["forwards"] for one in listed] == [["due"], ["due"], ["due"], [], []]
    event = vera.get(f"sessions/{watched.pk}/events/2/").json()
    assert [(one["destination"], one["status"]) for one in event["forwards"]] == [("mP", "due")]
    assert event["stored_at_ms"] - event["received_at_ms"] == 11


def test_the_raw_event_is_shown_without_identities(vera, watched):
    raw = vera.get(f"sessions/{watched.pk}/events/1/raw/").json()
    assert raw["masked"]
    assert MPID not in str(raw)
    assert "kim@" not in str(raw)


def test_looking_back_shows_the_session_as_it_was(vera, watched):
    path = f"sessions/{watched.pk}/"
    assert vera.get(path, as_of_ms=NOW_MS + 30_000).json()["state"] == "playing"
    known = vera.get(path + "timeline/", known_at_ms=NOW_MS + 61_500).json()
    assert [span["state"] for span in known["playback"]] == ["starting", "playing", "paused"]
    assert vera.get(path, as_of_ms=NOW_MS - 1).status_code == 404


def test_looking_back_numbers_are_those_of_the_moment(vera, watched):
    path, then = f"sessions/{watched.pk}/", {"as_of_ms": NOW_MS + 30_000}
    numbers, summary = vera.get(path, **then).json()["numbers"], vera.get(path + "summary/", **then).json()
    for name in ("media_time_spent_ms", "content_time_ms", "seek_count"):
        assert numbers[name] == summary[name], name
    assert summary["content_time_ms"] > 0


def test_a_program_with_a_token_sees_the_same(watched, cast, vera):
    program = as_program(cast.northlight, "viewer")
    assert program.get(f"sessions/{watched.pk}/").json() == vera.get(f"sessions/{watched.pk}/").json()


@pytest.mark.parametrize("pk", ["0", "999999", "99999999999999999999999999"])
def test_a_session_that_is_not_there_is_a_problem_of_404(vera, pk):
    answer = vera.get(f"sessions/{pk}/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
