"""The description of the API against the running product, doors included: a thousand requests made out of it.

Valid and invalid ones, the same in every run. Whatever is asked: no 5xx, nothing undeclared, every answer of the
type and shape that the description promises, and what it calls valid is not refused as invalid. Half of the numbers
in paths are those of rows that exist. Websockets are no part of OpenAPI; tests/live sends them nonsense.
"""

import base64
import json
import os
import re
from collections import defaultdict

import hypothesis
import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.stack import Stack, batch_of, media_event, wait_until

pytestmark = pytest.mark.processes

# Together a little more than a thousand: some operations have nothing to vary. More by hand, to search deeper.
API_CASES = int(os.environ.get("API_CASES", "14"))
DOOR_CASES = int(os.environ.get("DOOR_CASES", "16"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.positive_data_acceptance,
]
# Whose bytes and viewers only support may see; everything else is an administrator's.
SUPPORTS = re.compile(r"/api/v1/(viewers/.*|erasures/|quarantine/\{id\}/raw/)$")
# Which columns a dataset has, and what a reason is, is more than a description of shapes can say.
BEYOND = re.compile(r"^/api/v1/exports/|/reveal/$")
# Without these nobody could ask anything more.
KEPT = {("DELETE", "/api/v1/tokens/{id}/"), ("DELETE", "/api/v1/members/{id}/"), ("DELETE", "/api/v1/inputs/{id}/")}

# Let through by nothing generated: nothing is forwarded, invented members have no account, the file is made already,
# and a reveal is looked at again only after it was made.
NEVER = {"GET /api/v1/deliveries/{id}/", "POST /api/v1/members/", "POST /api/v1/exports/{id}/cancel/"}
NEVER |= {"GET /api/v1/viewers/{ref}/reveal/"}
NEVER |= {" ".join(operation) for operation in KEPT}
# Operation → the statuses it answered.
SENT = defaultdict(list)


def described(paths):
    everything = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    # Hypothesis' own search alone: the boundaries of every field would be tens of thousands of requests.
    everything.config.phases.coverage.enabled = False
    return everything.include(path_regex=paths)


def seeded(cases):
    return hypothesis.settings(
        max_examples=cases, derandomize=True, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
    )


api = described("^/api/")
doors = described("^/(?!api/)")


@pytest.fixture(scope="module")
def stack():
    running = Stack().until_ready(150)
    try:
        yield prepared(running)
    finally:
        running.throw_away()


def prepared(running):
    admin = json.loads(running.manage("create_token", "--workspace", "demo", "--role", "admin", "--json"))
    running.token, running.tokens = admin["token"], {"admin": admin["token"]}
    running.tokens["support"] = put(running, "tokens/", {"role": "support"})["token"]
    words = ("server", "web", "roku")
    running.feeds = {word: put(running, "inputs/", {"name": f"a {word}", "platform": word}) for word in words}
    # A signature covers the body: tests/ingest makes one that fits.
    change(running, f"inputs/{running.feeds['roku']['id']}/", {"signature_required": False})
    running.key, running.secret = (running.feeds["server"][word] for word in ("key", "secret"))
    running.rows = rows_of(running)
    return running


def rows_of(stack):
    """One of everything, by the folder of the path it is asked for in, or by what is done to it for good."""
    names = ("Media Session Start", "Play", "Pause", "Media Session End")
    broken = [media_event("s-1", name) for name in names[:2]]
    for event in broken:
        event["data"]["timestamp_unixtime_ms"] = "yesterday"
    batch = batch_of(*[media_event("s-1", name) for name in names], *broken, mpid="4711000012345678")
    wait_until(lambda: stack.post_events(batch)[0] == 202, 30, "the first batch is stored")
    session = stack.get_json("/api/v1/sessions/")["results"][0]
    held = [row["id"] for row in stack.get_json("/api/v1/quarantine/")["results"]]
    erasures = [put(stack, "erasures/", {"type": "email", "value": f"{n}@b.example"}, "support")["id"] for n in "ab"]
    destination = {"name": "mP", "url": "https://s2s.mparticle.com", "key": "k", "secret": "s", "is_on": False}
    asked = {"dataset": "summaries", "format": "csv"}
    return {
        "sessions": session["id"],
        "viewers": session["viewer_ref"],
        "quarantine": held[0],
        "replay": held[1],
        "destinations": put(stack, "destinations/", destination)["id"],
        "approve": erasures[0],
        "erasures": erasures[1],
        "schedules": put(stack, "exports/schedules/", {**asked, "every": "daily"})["id"],
        "exports": put(stack, "exports/", asked)["id"],
        "inputs": put(stack, "inputs/", {"name": "to be changed"})["id"],
    }


def put(stack, path, body, role="admin"):
    return send(stack, "POST", path, body, role)


def change(stack, path, body):
    return send(stack, "PATCH", path, body, "admin")


def send(stack, method, path, body, role):
    headers = {"Authorization": f"Bearer {stack.tokens[role]}", "Content-Type": "application/json"}
    status, answer = stack.request(method, f"/api/v1/{path}", json.dumps(body).encode(), headers)
    assert status in (200, 201), answer
    return json.loads(answer)


def ask(case, stack, headers):
    beyond = [checks.positive_data_acceptance] if BEYOND.search(case.path) else []
    answer = case.call_and_validate(base_url=stack.url, headers=headers, checks=CHECKS, excluded_checks=beyond)
    SENT[case.operation.label].append(answer.status_code)
    assert "html" not in answer.headers.get("Content-Type", "")
    if answer.status_code in (429, 503):
        assert int(answer.headers["Retry-After"]) >= 1


@api.parametrize()
@seeded(API_CASES)
def test_the_api_does_what_its_description_says(case, stack):
    point_at_rows(case, stack.rows)
    role = "support" if SUPPORTS.match(case.path) else "admin"
    ask(case, stack, {"Authorization": f"Bearer {stack.tokens[role]}"})


def point_at_rows(case, rows):
    """Half of what could be the number of a row becomes one; what everything here depends on is left alone."""
    numbers, body = case.path_parameters or {}, case.body if isinstance(case.body, dict) else {}
    words = case.path.split("/")
    if "/destinations/" in case.path and body:
        # It would be sent there from here.
        body["is_on"] = False
    if is_even(body.get("destination_id")):
        body["destination_id"] = int(rows["destinations"])
    if len(str(numbers.get("ref", "odd"))) % 2 == 0:
        numbers["ref"] = rows["viewers"]
    if is_even(numbers.get("id")) and (case.method, case.path) not in KEPT:
        known = [rows[word] for word in ("replay", "approve", "schedules", words[3]) if word in words and word in rows]
        numbers["id"] = int(known[0]) if known else numbers["id"]
    elif str(numbers.get("id", "")).isdigit():
        numbers["id"] = int(numbers["id"]) + 1_000_000


def is_even(value):
    return str(value).isdigit() and int(value) % 2 == 0


@doors.parametrize()
@seeded(DOOR_CASES)
def test_the_doors_do_what_the_description_says(case, stack):
    feed = stack.feeds[kind_of(case.path)]
    headers = {}
    if case.path.startswith(("/v2/events", "/v2/bulkevents")):
        headers["Authorization"] = "Basic " + base64.b64encode(f"{feed['key']}:{feed['secret']}".encode()).decode()
    if case.path.startswith("/webhook/"):
        headers["Authorization"] = feed["secret"]
    if "key" in (case.path_parameters or {}):
        case.path_parameters["key"] = feed["key"]
    if case.path.startswith(("/v1/", "/identity/v1/")):
        headers["x-mp-key"] = stack.feeds["web"]["key"]
    ask(case, stack, headers)


def kind_of(path):
    if "/JS/" in path:
        return "web"
    return "roku" if path in ("/v2/{key}/events", "/nativeevents/v2/{key}/events", "/{key}/events") else "server"


def test_every_operation_was_let_through_and_a_thousand_requests_were_sent():
    """Else the checks above would be true of refusals alone."""
    expected = {result.ok().label for schema in (api, doors) for result in schema.get_all_operations()}
    if SENT.keys() != expected:
        pytest.skip("not every operation was run")
    assert sum(map(len, SENT.values())) >= 1000
    never = {name for name, statuses in SENT.items() if not any(200 <= status < 300 for status in statuses)}
    assert never <= NEVER
