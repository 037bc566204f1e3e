"""Every captured request through its own door with its own headers, in any order, more than once."""

import base64
import json
import random
import uuid

import pytest
from asgiref.sync import sync_to_async

from sessions_app.models import MediaEvent, MediaSession, Quarantined, ViewerEvent
from sessions_app.viewers.setup import renew_secret
from sessions_app.wire.signature import sign
from tests.ingest.client import CAPTURES, SECRET, make_feed, told

WEB = sorted((CAPTURES / "web").glob("*.json"))
SERVER = sorted((CAPTURES / "server").glob("*.json"))
NATIVE = sorted((CAPTURES / "native").glob("*.json"))
KEY = "us1-0123456789abcdef0123456789abcdef"
# Set by the client that sends, wrong for ours.
NOT_SENT = {"content-length", "host", "connection", "transfer-encoding"}


def requests_in(path):
    """(path, headers, body) of each events upload of a capture."""
    for request in json.loads(path.read_text()):
        if request["path"].endswith("events"):
            headers = [(name, value) for name, value in request["headers"] if name.lower() not in NOT_SENT]
            yield request["path"], dict(headers), json.dumps(request["body"]).encode()


def media_events_in(requests):
    """(session id or None, message id) of each media event sent, each once."""
    found = {}
    for _, _, body in requests:
        document = json.loads(body)
        for sent in document if isinstance(document, list) else [document]:
            for event in sent["events"] or ():
                data = event["data"]
                if data.get("custom_event_type") == "media":
                    session = (data["custom_attributes"] or {}).get("media_session_id")
                    found[data["source_message_id"]] = session or None
    return found


async def post_all(doors, requests):
    for path, headers, body in requests:
        answer = await doors.post(path, body, headers)
        assert (answer.status_code, answer.json()["errors"]) == (202, [])
        assert answer.headers["content-type"] == "application/json"
        yield answer


async def stored():
    """The sessions by id with what they tell, and all events' keys."""
    sessions = {session.media_session_id: told(session) async for session in MediaSession.objects.all()}
    events = {key async for key in MediaEvent.objects.values_list("event_key", flat=True)}
    events |= {key async for key in ViewerEvent.objects.values_list("event_key", flat=True)}
    return sessions, events


@pytest.mark.parametrize("path", WEB, ids=lambda path: path.stem)
async def test_what_the_web_sdk_sends_is_stored_whole_in_any_order(doors, path):
    await make_feed("web", key=KEY)
    requests = list(requests_in(path))
    wanted = media_events_in(requests)
    # Pages re-send what they sent before: the same session comes of it.
    shuffled = random.Random(7).sample([*requests, *requests], 2 * len(requests))
    answers = [answer async for answer in post_all(doors, shuffled)]
    assert all(answer.headers["access-control-allow-origin"] == "*" for answer in answers)
    sessions, events = await stored()
    assert len(events) == len(wanted)
    assert sessions.keys() == {session for session in wanted.values() if session}
    assert await Quarantined.objects.acount() == 0
    for told_of in sessions.values():
        assert told_of["event_count"] == sum(session is not None for session in wanted.values())


@pytest.mark.parametrize("path", SERVER, ids=lambda path: path.stem)
async def test_what_the_server_clients_send_is_stored(doors, path):
    requests = list(requests_in(path))
    credentials = next(value for name, value in requests[0][1].items() if name.lower() == "authorization")
    key, _, secret = base64.b64decode(credentials.split()[1]).decode().partition(":")
    await make_feed("server", secret=secret, key=key)
    wanted = media_events_in(requests)
    assert [answer async for answer in post_all(doors, requests)]
    sessions, events = await stored()
    assert len(events) == len(wanted)
    assert sessions.keys() == {session for session in wanted.values() if session}


@pytest.mark.parametrize("path", NATIVE, ids=lambda path: path.stem)
async def test_what_the_phones_send_is_stored(doors, path):
    capture = json.loads(path.read_text())
    platform = path.stem.split("_")[0]
    await make_feed(platform, secret=capture["api_secret"], key=capture["api_key"])
    packed = capture.get("body_gzip_base64")
    body = base64.b64decode(packed) if packed else capture["body_text"].encode()
    media = [m for m in json.loads(capture["body_text"])["msgs"] if str(m.get("et", "")).lower() == "media"]
    answers = [await doors.post(capture["path"], body, capture["headers"]) for _ in range(2)]
    assert [(a.status_code, a.json()["accepted"], a.json()["duplicates"]) for a in answers] == [
        (202, len(media), 0),
        (202, 0, len(media)),
    ]
    session = await MediaSession.objects.aget()
    assert session.platform == platform
    assert told(session)["event_count"] == sum("media_session_id" in message["attrs"] for message in media)


async def test_a_signature_that_does_not_fit_is_refused_with_the_code_roku_drops(doors):
    capture = json.loads((CAPTURES / "native" / "roku_full.json").read_text())
    feed = await make_feed("roku", secret=capture["api_secret"], key=capture["api_key"])
    body = capture["body_text"].replace("Play", "Plaz", 1).encode()
    assert (await doors.post(capture["path"], body, capture["headers"])).status_code == 400
    feed.signature_required = False
    await feed.asave()
    unsigned = {"content-type": "application/json"}
    assert (await doors.post(capture["path"], body, unsigned)).status_code in (202, 400)
    assert (await doors.post(capture["path"], capture["body_text"].encode(), unsigned)).status_code == 202


async def test_a_packing_nobody_knows_is_refused_with_the_code_roku_drops(doors):
    feed = await make_feed("roku", signature_required=False)
    answer = await doors.post(f"/v2/{feed.key}/events", b"{}", {"content-encoding": "br"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_secret_renewed_a_moment_ago_signs_at_once(doors):
    feed = await make_feed("android")
    body = json.dumps({"dt": "h", "id": str(uuid.uuid4()), "msgs": []}).encode()

    def signed(secret):
        date = "Mon, 23 Nov 2026 12:00:00 GMT"
        return {"date": date, "x-mp-signature": sign(secret, date, feed.key, body)}

    assert (await doors.post(f"/v2/{feed.key}/events", body, signed(SECRET))).status_code == 202
    secret = await sync_to_async(renew_secret)(feed)
    assert (await doors.post(f"/v2/{feed.key}/events", body, signed(secret))).status_code == 202
    assert (await doors.post(f"/v2/{feed.key}/events", body, signed(SECRET))).status_code == 400
