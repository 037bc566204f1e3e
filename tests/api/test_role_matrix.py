"""Every cell of the role matrix: each action × each role × HTTP API and pages × the own and a foreign workspace.

The table below says by which request an action is done; what must come of it is read out of `roles.MATRIX`.
"""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, URLResolver

from sessions_app.api import urls as api_urls
from sessions_app.api.permissions import needed
from sessions_app.viewers.roles import HIDES_EXISTENCE, MATRIX, Action, may, roles_of
from tests.api.made import Api, as_person, as_program
from tests.cast import signed_in

ROLES = ("viewer", "support", "ops", "admin")

# action → requests that need it; {x} are made by `things`.
API = {
    Action.SEE_BOARD: [("GET", "live/"), ("GET", "rollups/"), ("GET", "workspace/")],
    Action.SEE_SESSION: [
        ("GET", "sessions/"),
        ("GET", "sessions/{session}/"),
        ("GET", "sessions/{session}/timeline/"),
        ("GET", "sessions/{session}/events/"),
        ("GET", "sessions/{session}/events/1/"),
        ("GET", "sessions/{session}/events/1/raw/"),
    ],
    Action.SEE_PII: [("POST", "viewers/{viewer}/reveal/", {"reason": "Ticket 12"})],
    Action.SEARCH_VIEWERS: [("GET", "viewers/?q=12345678"), ("GET", "viewers/{viewer}/")],
    Action.EXPORT: [
        ("GET", "exports/"),
        ("GET", "exports/summaries.csv"),
        ("GET", "exports/datasets/"),
        ("GET", "exports/schedules/"),
        ("POST", "exports/estimate/", {"dataset": "ads", "format": "csv"}),
    ],
    Action.SEE_QUARANTINE_COUNTS: [("GET", "quality/"), ("GET", "quarantine/")],
    Action.SEE_QUARANTINE_RAW: [("GET", "quarantine/{quarantined}/raw/")],
    Action.REPLAY_QUARANTINE: [("POST", "quarantine/{quarantined}/discard/")],
    Action.SEE_FORWARDING: [("GET", "destinations/"), ("GET", "destinations/{destination}/")],
    Action.CONTROL_FORWARDING: [
        ("GET", "deliveries/"),
        ("POST", "destinations/{destination}/pause/"),
        ("POST", "deliveries/retry/", {"destination_id": "{destination}"}),
        ("POST", "deliveries/discard/", {"destination_id": "{destination}"}),
    ],
    Action.WRITE_DESTINATIONS: [
        ("PATCH", "destinations/{destination}/", {"name": "renamed"}),
        ("DELETE", "destinations/{destination}/"),
    ],
    Action.MANAGE_INPUTS: [
        ("GET", "inputs/"),
        ("GET", "inputs/{input}/"),
        ("POST", "inputs/{input}/secret/"),
        ("POST", "inputs/", {"name": "one more"}),
        ("DELETE", "inputs/{input}/"),
    ],
    Action.MANAGE_MEMBERS: [("GET", "members/"), ("GET", "tokens/"), ("POST", "tokens/", {"role": "viewer"})],
    Action.REQUEST_ERASURE: [("POST", "erasures/", {"type": "email", "value": "a@b.c"})],
    Action.APPROVE_ERASURE: [("POST", "erasures/{erasure}/cancel/")],
    Action.READ_OWN_AUDIT: [("GET", "audit/"), ("GET", "erasures/")],
}
PAGES = {
    Action.SEE_BOARD: ["/live/"],
    Action.SEARCH_VIEWERS: ["/viewers/{viewer}/"],
    Action.SEE_FORWARDING: ["/forwarding/"],
    Action.SEE_QUARANTINE_COUNTS: ["/quality/"],
    Action.EXPORT: ["/exports/"],
    Action.REPLAY_SESSION: ["/replays/"],
    Action.MANAGE_INPUTS: ["/settings/"],
    Action.SEE_METRICS: ["/metrics"],
}
# Decided elsewhere: the API shows metrics and the admin site at their own addresses; replays are asked for on the
# session's page; PII is exported by nobody.
NOT_IN_API = {Action.EXPORT_PII, Action.READ_AUDIT, Action.REPLAY_SESSION, Action.SEE_METRICS, Action.USE_ADMIN_SITE}

CELLS = [(action, request, role) for action, requests in API.items() for request in requests for role in ROLES]
PAGE_CELLS = [(action, path, role) for action, paths in PAGES.items() for path in paths for role in ROLES]


@pytest.fixture
def things(cast):
    """One of everything in Northlight, with its number."""
    from sessions_app.models import Destination, Erasure, Quarantined
    from tests.viewers.made import NOW, identity, session

    watched = session(cast.web, "s-1", [("mpid", "12345678")], [("Play", 0, {})])
    destination = Destination.objects.create(
        workspace=cast.northlight, name="mP", url="x", key="k", secret_encrypted=b"x"
    )
    kept = Quarantined.objects.create(
        input=cast.web, code="X", message="x", door="server", raw=b"x", raw_key="0" * 32, received_at=NOW
    )
    asked = Erasure.objects.create(workspace=cast.northlight, identity_type="email", requested_by="x", requested_at=NOW)
    return {
        "session": watched.pk,
        "viewer": identity(cast.northlight, "mpid", "12345678").pk,
        "destination": destination.pk,
        "quarantined": kept.pk,
        "erasure": asked.pk,
        "input": cast.web.pk,
    }


def ask(api: Api, request, things):
    method, path, *body = request
    body = (
        {name: value.format(**things) if "{" in value else value for name, value in body[0].items()} if body else None
    )
    path = path.format(**things)
    return api.client.get(f"/api/v1/{path}", headers=api.headers) if method == "GET" else api.send(method, path, body)


def expected(action, role):
    """None where it is allowed, else the refusal's status."""
    if may({role}, action):
        return None
    return 404 if action in HIDES_EXISTENCE else 403


def was_let_through(answer):
    return answer.status_code in (200, 201, 204)


@pytest.mark.parametrize(("action", "request_", "role"), CELLS)
def test_a_person_may_what_the_matrix_says_in_their_workspace(cast, things, action, request_, role):
    answer = ask(as_person(cast.of_role(role)), request_, things)
    assert was_let_through(answer) if expected(action, role) is None else answer.status_code == expected(action, role)


@pytest.mark.parametrize(("action", "request_", "role"), [cell for cell in CELLS if cell[1][0] == "GET"])
def test_a_program_may_what_the_matrix_says(cast, things, action, request_, role):
    answer = ask(as_program(cast.northlight, role), request_, things)
    assert was_let_through(answer) if expected(action, role) is None else answer.status_code == expected(action, role)


@pytest.mark.parametrize(("action", "request_"), [(a, r) for a, requests in API.items() for r in requests])
def test_somebody_of_another_workspace_finds_nothing_here(cast, things, action, request_):
    """Eve holds every role elsewhere: her lists are empty of ours, our rows are not there for her."""
    answer = ask(as_person(cast.eve), request_, things)
    body = str(answer.json()) if answer.get("Content-Type", "").endswith("json") else ""
    assert "Northlight" not in body
    if "{" in request_[1]:
        assert answer.status_code == 404
    asked_for = ask(as_person(cast.eve), (request_[0], _in_northlight(request_[1]), *request_[2:]), things)
    assert asked_for.status_code in (403, 404)


@pytest.mark.parametrize(("action", "request_"), [(a, r) for a, requests in API.items() for r in requests])
def test_a_stranger_is_asked_to_sign_in(client, things, action, request_):
    answer = ask(Api(client), request_, things)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("action", "path", "role"), PAGE_CELLS)
def test_a_page_opens_for_whom_the_matrix_says(cast, things, action, path, role):
    answer = signed_in(cast.of_role(role)).get(path.format(**things), headers={"accept": "text/html"})
    if expected(action, role) is None:
        assert answer.status_code in (200, 302)
    else:
        assert answer.status_code == expected(action, role)


@pytest.mark.parametrize("path", [path for paths in PAGES.values() for path in paths if path != "/metrics"])
def test_a_page_of_this_workspace_does_not_open_for_another(cast, things, path):
    answer = signed_in(cast.eve).get(path.format(**things) + "?workspace=northlight")
    assert answer.status_code in (403, 404)


def test_every_action_has_a_request_or_a_reason():
    assert set(API) | NOT_IN_API == set(Action) == set(MATRIX)


def patterns(found):
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern


@pytest.mark.parametrize("pattern", list(patterns(api_urls.v1)), ids=str)
def test_every_view_of_the_api_names_the_action_it_needs(pattern):
    view = pattern.callback.view_class
    methods = [name.upper() for name in view.http_method_names if name != "options" and hasattr(view, name)]
    assert methods
    for method in methods:
        assert needed(view, method) in MATRIX or view.open_to_members


def test_nobody_has_roles_without_an_account_or_after_it_was_closed(cast):
    assert roles_of(AnonymousUser(), cast.northlight) == roles_of(None, cast.northlight) == set()
    assert roles_of(cast.alice, cast.northlight) == {"admin"}
    cast.alice.is_active = False
    assert roles_of(cast.alice, cast.northlight) == roles_of(cast.alice, None) == set()


def _in_northlight(path):
    return f"{path}{'&' if '?' in path else '?'}workspace=northlight"
