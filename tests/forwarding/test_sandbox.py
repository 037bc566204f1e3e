"""The stand-in takes what the real one takes, and what we render passes it, whichever client it came from."""

import base64
import json
import time
import urllib.error
import urllib.request

import pytest

from sessions_app.forwarding.sandbox import Sandbox
from sessions_app.wire.render import render
from tests.forwarding.made import KEY, SECRET, batch_of, sandbox_for
from tests.wire.samples import native, uploads

BASIC = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
WEB = ("ad_break", "custom_mixed", "live_stream", "login_mid_play", "qos", "segments", "vod_complete")
NATIVE = ("android_default_summaries_only", "android_full", "ios_full", "ios_nan_rate", "roku_full")


def asked(body, authorization=BASIC, path="/v2/events"):
    return Sandbox({KEY: SECRET}).receive(path, authorization, body).status


def play(at_ms=1):
    return json.dumps({**batch_of("a", at_ms=at_ms), "mpid": 1}).encode()


@pytest.mark.parametrize("name", WEB)
def test_what_web_pages_sent_is_accepted_after_rendering(name):
    for upload in uploads(f"web/{name}.json"):
        assert asked(render(upload, "web", None, "id-1")) == 202


@pytest.mark.parametrize("name", NATIVE)
def test_what_phones_and_televisions_sent_is_accepted_after_rendering(name):
    _, body = native(name)
    assert asked(render(body, "native", None, "id-1")) == 202


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Basic !!!", 403),
        ("Bearer abc", 403),
        ("Basic " + base64.b64encode(f"{KEY}:wrong".encode()).decode(), 403),
        (BASIC, 202),
    ],
)
def test_keys_are_checked(authorization, status):
    assert asked(play(), authorization) == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"7",
        b'{"environment": "staging", "mpid": 1}',
        b'{"environment": "production"}',
        b'{"environment": "production", "mpid": 1, "events": [{}]}',
        b'{"environment": "production", "mpid": 1, "events": [{"event_type": "custom_event", "data": {}}]}',
        b'{"environment": "production", "mpid": 1, "pad": "' + b"x" * 128_000 + b'"}',
        b" " * 257_000,
    ],
    ids=lambda body: body[:60].decode(),
)
def test_what_the_documentation_refuses_is_refused(body):
    assert asked(body) == 400


def test_history_must_be_old():
    now_ms = round(time.time() * 1000)
    assert asked(b"[" + play(now_ms) + b"]", path="/v2/bulkevents/historical") == 400
    assert asked(b"[" + play(now_ms - 4 * 86_400_000) + b"]", path="/v2/bulkevents/historical") == 202


def test_the_same_batch_again_is_accepted_and_kept_once():
    sandbox = Sandbox()
    for _ in range(3):
        assert sandbox.receive("/v2/events", BASIC, body := play()).status == 202
        assert sandbox.receive("/v2/events", BASIC, body).status == 202
    assert len(sandbox.batches) == 3


def test_it_can_be_told_over_http_how_to_answer(settings):
    def call(method, path, body=None, **headers):
        request = urllib.request.Request(sandbox.url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    with sandbox_for(settings) as sandbox:
        rules = [{"status": 429, "headers": {"Retry-After": "5"}, "times": 2}]
        assert call("PUT", "/_sandbox/answers", json.dumps(rules).encode())[0] == 204
        answers = [call("POST", "/v2/events", play(), Authorization=BASIC) for _ in range(3)]
        assert [status for status, _, _ in answers] == [429, 429, 202]
        assert answers[0][1]["Retry-After"] == "5"
        assert len(json.loads(call("GET", "/_sandbox/batches")[2])) == 1
        assert [one["status"] for one in json.loads(call("GET", "/_sandbox/requests")[2])] == [429, 429, 202]
        assert call("POST", "/v3/events", play())[0] == 404
        assert call("DELETE", "/_sandbox")[0] == 204
        assert json.loads(call("GET", "/_sandbox/batches")[2]) == []
