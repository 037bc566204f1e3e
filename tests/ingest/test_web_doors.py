"""The doors of browsers: readable by any page, never 400 for events, and what the SDK asks for besides events."""

import json

import pytest

from sessions_app.ingest.routes import Kind, match
from sessions_app.models import MediaSession, Quarantined
from tests.ingest.client import CAPTURES, batch, event, make_feed


async def test_what_is_no_json_is_taken_from_a_page_and_kept(doors):
    feed = await make_feed("web")
    answer = await doors.web(feed, b"<html>")
    assert answer.status_code == 202
    assert answer.json()["errors"][0]["code"] == "INVALID_JSON"
    assert bytes((await Quarantined.objects.aget()).raw) == b"<html>"


async def test_every_answer_can_be_read_by_the_page(doors):
    feed = await make_feed("web")
    path = f"/v3/JS/{feed.key}/events"
    answers = [
        await doors.web(feed, batch(event("Play"))),
        await doors.post("/v3/JS/nobody/events", batch(event("Play"))),
        await doors.post(path, b"x" * 3_000_000),
        await doors.http.get(path),
        await doors.http.options(path),
    ]
    assert [answer.status_code for answer in answers] == [202, 403, 413, 405, 204]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}
    assert all("access-control-allow-credentials" not in answer.headers for answer in answers)


async def test_the_server_doors_are_closed_to_pages(doors):
    feed = await make_feed()
    answers = [
        await doors.server(feed, batch(event("Play"))),
        await doors.http.options("/v2/events", headers={"origin": "https://evil.example"}),
    ]
    assert all("access-control-allow-origin" not in answer.headers for answer in answers)


async def test_a_web_key_may_be_tied_to_its_pages(doors):
    feed = await make_feed("web", origins=["https://video.example"])
    sent = batch(event("Play"))
    assert (await doors.web(feed, sent, origin="https://evil.example")).status_code == 403
    assert (await doors.web(feed, sent)).status_code == 403
    assert (await doors.web(feed, sent, origin="https://video.example")).status_code == 202


async def test_a_servers_key_does_not_open_the_pages_door(doors):
    feed = await make_feed("server")
    answer = await doors.web(feed, batch(event("Play")))
    assert answer.status_code == 403
    assert "web inputs" in answer.json()["errors"][0]["message"]


async def test_a_revoked_key_opens_nothing(doors):
    import datetime as dt

    feed = await make_feed("web", revoked_at=dt.datetime.now(dt.UTC))
    assert (await doors.web(feed, batch(event("Play")))).status_code == 403


async def test_pages_of_before_2023_are_understood(doors):
    feed = await make_feed("web")
    old = {
        "n": "Play", "et": 9, "dt": 4, "ct": 1795400000000, "id": "1", "mpid": "5",
        "attrs": {"media_session_id": "old", "content_id": "movie"},
    }  # fmt: skip
    for path in (f"/v2/JS/{feed.key}/Events", f"/webevents/v2/JS/{feed.key}/Events"):
        assert (await doors.post(path, old)).status_code == 202
    session = await MediaSession.objects.aget()
    assert (session.media_session_id, session.state, session.last_seq) == ("old", "playing", 1)


async def test_the_captured_identity_walk_is_answered(doors):
    walk = json.loads((CAPTURES / "web" / "cname_identity.json").read_text())
    await make_feed("web", key="us1-0123456789abcdef0123456789abcdef")
    mpids = []
    for request in walk:
        body = b"" if request["body"] is None else json.dumps(request["body"]).encode()
        headers = {name: value for name, value in request["headers"] if name.lower() != "content-length"}
        answer = await doors.http.request(request["method"], request["path"], content=body, headers=headers)
        assert answer.status_code == request["answered"]
        assert answer.headers["access-control-allow-origin"] == "*"
        if request["method"] == "OPTIONS":
            assert answer.headers["access-control-allow-headers"] == "content-type,x-mp-key"
        elif "identity" in request["path"]:
            mpids.append(answer.json()["mpid"])
    assert len(set(mpids)) == 2
    assert all(int(mpid) for mpid in mpids)
    assert await MediaSession.objects.acount() == 1


async def test_the_sdk_finds_its_configuration_and_its_other_doors(doors):
    feed = await make_feed("web")
    config = await doors.http.get(f"/tags/JS/v2/{feed.key}/config?env=0")
    assert (config.status_code, config.json()["kitConfigs"]) == (200, [])
    modify = await doors.post(
        "/identity/v1/42/modify",
        {"identity_changes": [{"identity_type": "email", "old_value": None, "new_value": "a@b.c"}]},
        {"x-mp-key": feed.key},
    )
    assert modify.json() == {"change_results": [{"identity_type": "email", "modified_mpid": "42"}]}
    for path in (f"/v2/JS/{feed.key}/Forwarding", f"/webevents/v1/identity/{feed.key}/Alias"):
        answer = await doors.post(path, {"any": "thing"})
        assert (answer.status_code, answer.json()) == (202, {})


async def test_the_webhook_door_takes_its_customers_own_authorization(doors):
    import hashlib

    feed = await make_feed("webhook", webhook_authorization_sha256=hashlib.sha256(b"whatever they typed in").digest())
    path = f"/webhook/{feed.key}"
    assert (await doors.post(path, batch())).status_code == 401
    assert (await doors.post(path, batch(), {"authorization": "guess"})).status_code == 403
    told = {"authorization": "whatever they typed in"}
    for sent in (batch(), {"events": None}, event("Play"), batch(event("Pause"), user_identities=[])):
        assert (await doors.post(path, sent, told)).status_code == 202
    assert (await MediaSession.objects.aget()).last_seq == 2


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v2/events", Kind.SERVER),
        ("/v2/bulkevents", Kind.SERVER),
        ("/v2/bulkevents/historical", Kind.SERVER),
        ("/v2/us1-1/events", Kind.NATIVE),
        ("/nativeevents/v2/us1-1/events", Kind.NATIVE),
        ("/us1-1/events", Kind.NATIVE),
        ("/v3/JS/us1-1/events", Kind.WEB),
        ("/webevents/v3/JS/us1-1/events", Kind.WEB),
        ("/v2/JS/us1-1/Events", Kind.WEB),
        ("/config/v4/us1-1/config", Kind.CONFIG),
        ("/v1/identify", Kind.IDENTITY),
        ("/webevents/v1/identity/us1-1/Alias", Kind.SWALLOW),
        ("/nativeevents/v1/identity/us1-1/alias", Kind.SWALLOW),
        ("/v1/JS/us1-1/Forwarding", Kind.SWALLOW),
        # Phones told to leave the folders out.
        ("/us1-1/config", Kind.CONFIG),
        ("/us1-1/alias", Kind.SWALLOW),
        ("/identify", Kind.IDENTITY),
        ("/-42/modify", Kind.IDENTITY),
    ],
)
def test_each_path_leads_to_its_door(path, kind):
    assert match(path).kind is kind


@pytest.mark.parametrize(
    "path",
    ["/", "/live/", "/sessions/12/", "/api/v1/sessions/1/events/", "/sessions/events", "/exports/events",
     "/v2/JS/x/events", "/webhook/", "/settings/config", "/live/alias", "/sessions/modify",
     "/v9/JS/x/Forwarding", "/v2//events", "/v2/events\0", "/" + "a" * 600 + "/events"],
)  # fmt: skip
def test_pages_of_ours_are_no_doors(path):
    assert match(path) is None
