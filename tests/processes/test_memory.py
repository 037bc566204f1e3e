"""A web process stays as large as it is: ten thousand mixed requests, every bad input and bodies at the limit."""

import base64
import http.client
import importlib.util
import json
import uuid
from pathlib import Path

import pytest

from tests.stack import Stack, batch_of, media_event

pytestmark = [pytest.mark.faults, pytest.mark.processes]

SAMPLES = Path(__file__).parent.parent / "samples"
ROUNDS = 10
REQUESTS_A_ROUND = 1_000
LARGE_A_ROUND = 8
WEB_DOOR_BYTES = 2 * 1024 * 1024
MOST_GROWTH_MB = 50


@pytest.fixture(scope="module")
def stack():
    running = Stack(WEB_PROCESSES="1").until_ready(150).with_keys()
    made = running.manage("create_input", "--workspace", "demo", "--name", "page", "--platform", "web", "--json")
    running.web_key = json.loads(made)["key"]
    yield running
    running.throw_away()


@pytest.fixture(scope="module")
def bad_inputs():
    """The script that sends them, and the records."""
    spec = importlib.util.spec_from_file_location("bad_inputs_run", SAMPLES / "bad_inputs_run.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script, [json.loads(line) for line in (SAMPLES / "bad_inputs.jsonl").open(encoding="utf-8")]


def batch(count, session):
    return json.dumps(batch_of(*(media_event(session, "Update Playhead Position") for _ in range(count)))).encode()


class Client:
    """Everything a web process is sent; counts the requests."""

    def __init__(self, stack, bad_inputs):
        self.stack, (self.script, self.records) = stack, bad_inputs
        self.basic = "Basic " + base64.b64encode(f"{stack.key}:{stack.secret}".encode()).decode()
        self.connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
        self.sent = 0
        # Events of 270 bytes, as many as the web's doors take at once.
        self.events_of_a_large_body = (WEB_DOOR_BYTES - 1_000) // (len(batch(2, "s" * 36)) - len(batch(1, "s" * 36)))

    def round(self):
        for record in self.records:
            self.script.send("127.0.0.1", self.stack.port, record, self.basic, 10)
        for number in range(REQUESTS_A_ROUND):
            body = batch(100 if number % 10 == 0 else 1, str(uuid.uuid4()))
            self.post("/v2/events", body, {"Authorization": self.basic})
        for _ in range(LARGE_A_ROUND):
            body = batch(self.events_of_a_large_body, str(uuid.uuid4()))
            assert WEB_DOOR_BYTES * 0.95 < len(body) <= WEB_DOOR_BYTES
            self.post(f"/v3/JS/{self.stack.web_key}/events", body, {})
        self.sent += len(self.records) + REQUESTS_A_ROUND + LARGE_A_ROUND

    def post(self, path, body, headers):
        self.connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        answer = self.connection.getresponse()
        assert (answer.status, answer.read()[:11]) == (202, b'{"accepted"')


def test_ten_thousand_mixed_requests_do_not_make_a_web_process_grow(stack, bad_inputs):
    (pid,) = stack.pids("manage.py serve")
    client = Client(stack, bad_inputs)
    sizes = [bad_inputs[0].rss(pid)]
    for _ in range(ROUNDS):
        client.round()
        sizes.append(bad_inputs[0].rss(pid))
    print(f"{client.sent:,} requests; resident MB after each round: {sizes}")
    assert client.sent >= 10_000
    assert sizes[-1] - sizes[0] <= MOST_GROWTH_MB, sizes
