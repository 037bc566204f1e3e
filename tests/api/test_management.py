"""Inputs, destinations, quarantine, viewers, erasures, exports and people over REST."""

import asyncio
import json

import pytest

from mediadash import crypto
from sessions_app.models import AuditEntry, Destination, Input, Quarantined
from sessions_app.viewers.setup import sha256
from tests.api.made import as_person, as_program
from tests.viewers.made import NOW, identity, session

MPID = "4711000012345678"


@pytest.fixture
def alice(cast):
    return as_person(cast.alice)


@pytest.fixture
def sam(cast):
    return as_person(cast.sam)


@pytest.fixture
def olga(cast):
    return as_person(cast.olga)


async def all_of(answer):
    return b"".join([piece async for piece in answer.streaming_content])


def actions():
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_an_inputs_secret_is_in_the_answer_that_made_it_and_nowhere_else(alice):
    made = alice.post("inputs/", {"name": "TV", "platform": "roku"}).json()
    assert bytes(Input.objects.get(pk=made["id"]).secret_sha256) == sha256(made["secret"])
    assert made["secret_is_recoverable"]
    renewed = alice.post(f"inputs/{made['id']}/secret/").json()
    assert renewed["secret"] != made["secret"]
    shown = alice.get("inputs/").content.decode() + alice.get(f"inputs/{made['id']}/").content.decode()
    assert made["secret"] not in shown
    assert renewed["secret"] not in shown
    assert actions() == ["make_input", "renew_secret"]


def test_an_input_is_changed_and_revoked_but_its_platform_stays(alice):
    pk = alice.post("inputs/", {"name": "Web", "platform": "web"}).json()["id"]
    changed = alice.send("PATCH", f"inputs/{pk}/", {"origins": ["https://tv.example"], "platform": "roku"}).json()
    assert (changed["origins"], changed["platform"]) == (["https://tv.example"], "web")
    assert alice.post("inputs/", {"name": "Web"}).status_code == 409
    assert alice.send("DELETE", f"inputs/{pk}/").status_code == 204
    assert Input.objects.get(pk=pk).revoked_at is not None


def test_a_destinations_secret_goes_in_and_never_out(alice):
    asked = {"name": "mP", "url": "https://s2s.mparticle.com", "key": "key-12345678", "secret": "s3cret-s3cret"}
    made = alice.post("destinations/", asked)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert crypto.decrypt(Destination.objects.get(pk=pk).secret_encrypted) == "s3cret-s3cret"
    for path in ("destinations/", f"destinations/{pk}/", "audit/"):
        assert "s3cret" not in alice.get(path).content.decode()
        assert "key-12345678" not in alice.get(path).content.decode()
    assert alice.send("PATCH", f"destinations/{pk}/", {"secret": "another"}).status_code == 200
    changed = Destination.objects.get(pk=pk)
    assert (changed.key, changed.secret()) == ("key-12345678", "another")
    assert alice.send("DELETE", f"destinations/{pk}/").status_code == 204
    assert not Destination.objects.get(pk=pk).is_on


@pytest.mark.parametrize(
    "url", ["http://127.1", "https://s2s.mparticle.com@evil.example", "file:///etc/passwd", "http://[::ffff:7f00:1]"]
)
def test_a_destination_elsewhere_is_refused(alice, url):
    answer = alice.post("destinations/", {"name": "x", "url": url, "key": "k", "secret": "s"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/url")


def test_looking_at_quarantined_bytes_is_written_down_before_they_are_shown(sam, cast, monkeypatch):
    row = Quarantined.objects.create(
        input=cast.web, code="X", message="m", door="server", raw=b'{"a":\xff}', raw_key="0" * 32, received_at=NOW
    )
    shown = sam.get(f"quarantine/{row.pk}/raw/").json()
    assert shown["text"] == '{"a":\ufffd}'
    assert actions() == ["view_quarantine"]
    assert "raw" not in as_person(cast.vera).get("quarantine/").json()["results"][0]

    def fails(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("sessions_app.api.quality.record", fails)
    sam.client.raise_request_exception = False
    answer = sam.get(f"quarantine/{row.pk}/raw/")
    assert answer.status_code == 500
    assert "errors" in answer.json()


def test_an_input_may_bring_the_key_its_apps_have_already(alice):
    brought = {"key": "us1-0123456789abcdef", "secret": "as compiled into the app"}
    made = alice.post("inputs/", {"name": "TV", "platform": "roku", **brought}).json()
    assert {word: made[word] for word in brought} == brought
    assert bytes(Input.objects.get(key=brought["key"]).secret_sha256) == sha256(brought["secret"])
    assert alice.post("inputs/", {"name": "TV 2", "platform": "roku", **brought}).status_code == 409
    # It could not check a signature.
    assert alice.post("inputs/", {"name": "TV 3", "platform": "ios", "key": "us1-no-secret"}).status_code == 409
    assert alice.post("inputs/", {"name": "Page", "platform": "web", "key": "us1-a-pages"}).status_code == 201
    for wrong in ({"key": "a key"}, {"key": "us1-fine-key", "secret": "short"}):
        assert alice.post("inputs/", {"name": "x", **wrong}).status_code == 400


def test_quality_counts_balance(olga, cast):
    from sessions_app.models import IngestCount

    minute = NOW.replace(year=2099)
    IngestCount.objects.create(input=cast.web, minute=minute, writer="a", received=5, stored=3, duplicate=1, refused=1)
    IngestCount.objects.create(input=cast.web, minute=minute, writer="b", received=2, quarantined=2)
    (counts,) = olga.get("quality/").json()["inputs"]
    assert (counts["received"], counts["quarantined"], counts["balances"]) == (7, 2, True)


def test_a_viewer_is_found_and_revealed_with_one_audit_entry_for_each_look(sam, cast):
    session(cast.web, "s-1", [("mpid", MPID), ("email", "kim@example.com")])
    ref = identity(cast.northlight, "mpid", MPID).pk
    found = sam.get("viewers/", q="5678").json()["results"]
    assert [match["viewer_ref"] for match in found] == [str(ref)]
    assert sam.get(f"viewers/{ref}/reveal/").status_code == 404
    assert sam.post(f"viewers/{ref}/reveal/", {"reason": " "}).status_code == 400
    shown = sam.post(f"viewers/{ref}/reveal/", {"reason": "Ticket 12"}).json()
    assert {one["value"] for one in shown["identities"]} == {MPID, "kim@example.com"}
    assert sam.get(f"viewers/{ref}/reveal/").status_code == 200
    card = sam.get(f"viewers/{ref}/").json()
    assert card["reveals"][0]["reason"] == "Ticket 12"
    assert MPID not in json.dumps(card)
    assert [row["media_session_id"] for row in sam.get(f"viewers/{ref}/sessions/").json()["results"]] == ["s-1"]
    assert actions() == ["search", "reveal", "view"]


def test_the_thirty_first_search_says_when_to_come_again(sam, cast):
    for _ in range(30):
        assert sam.get("viewers/", q="nobody").status_code == 200
    answer = sam.get("viewers/", q="nobody")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def test_support_asks_for_an_erasure_and_an_administrator_approves(sam, alice, cast):
    session(cast.web, "s-1", [("email", "kim@example.com")])
    asked = sam.post("erasures/", {"type": "email", "value": "kim@example.com"}).json()
    assert sam.post(f"erasures/{asked['id']}/approve/").status_code == 403
    done = alice.post(f"erasures/{asked['id']}/approve/").json()
    assert (done["status"], done["counts"]["sessions"]) == ("in_progress", 1)
    assert alice.post(f"erasures/{asked['id']}/cancel/").status_code == 409
    assert "kim@" not in sam.get("erasures/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_summaries_stream_as_csv_with_filters(olga, cast):
    from tests.exports.made import settled

    settled(cast.web, "s-1", content_id="a", content_title="=1+1")
    settled(cast.web, "s-2", content_id="b")
    answer = olga.get("exports/summaries.csv", content_id="a")
    assert answer["Content-Disposition"] == 'attachment; filename="mediadash-summaries.csv"'
    lines = asyncio.run(all_of(answer)).decode().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("session_id,media_session_id,")
    assert ",'=1+1," in lines[1]
    assert olga.get("exports/summaries.csv", from_ms="x").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_file_is_asked_for_made_and_fetched(olga, cast, settings, tmp_path):
    from sessions_app.exports import build
    from tests.exports.made import settled

    settings.EXPORT_FOLDER = tmp_path
    settled(cast.web, "s-1")
    pk = olga.post("exports/", {"dataset": "summaries", "format": "jsonl"}).json()["id"]
    assert olga.get(f"exports/{pk}/file/").status_code == 404
    build.run_due()
    assert olga.get(f"exports/{pk}/").json()["status"] == "done"
    answer = olga.get(f"exports/{pk}/file/")
    assert answer["Content-Disposition"] == f'attachment; filename="mediadash-summaries-{pk}.jsonl"'
    assert json.loads(b"".join(answer.streaming_content))["media_session_id"] == "s-1"
    assert olga.post(f"exports/{pk}/cancel/").status_code == 409


def test_a_schedule_is_made_switched_and_taken_away(olga):
    asked = {"dataset": "ads", "format": "csv", "every": "daily", "options": {"columns": ["number"]}}
    made = olga.post("exports/schedules/", asked).json()
    assert not olga.send("PATCH", f"exports/schedules/{made['id']}/", {"is_on": False}).json()["is_on"]
    assert olga.send("DELETE", f"exports/schedules/{made['id']}/").status_code == 204


def test_members_come_and_go_but_the_last_way_back_stays(alice, cast):
    made = alice.post("members/", {"email": cast.eve.username, "role": "viewer"})
    assert made.status_code == 201
    own = next(row for row in alice.get("members/").json()["results"] if row["email"] == cast.alice.username)
    assert alice.send("DELETE", f"members/{own['id']}/").status_code == 409
    assert alice.send("DELETE", f"members/{made.json()['id']}/").status_code == 204
    assert alice.post("members/", {"email": "nobody@x.example", "role": "ops"}).status_code == 409


def test_a_revoked_token_opens_nothing(alice, client):
    made = alice.post("tokens/", {"role": "ops", "name": "ci"}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/api/v1/me/", headers=headers).json()["roles"] == ["ops"]
    assert made["token"] not in alice.get("tokens/").content.decode()
    alice.send("DELETE", f"tokens/{made['id']}/")
    assert client.get("/api/v1/me/", headers=headers).status_code == 401


def test_one_reads_ones_own_audit_and_an_administrator_everybodys(sam, alice, cast):
    sam.get("viewers/", q="nobody")
    alice.post("inputs/", {"name": "x"})
    assert [entry["action"] for entry in sam.get("audit/").json()["results"]] == ["search"]
    assert len(alice.get("audit/").json()["results"]) == 2


def test_me_says_what_one_may(cast):
    me = as_person(cast.vera).get("me/").json()
    assert (me["roles"], me["workspace"]["slug"]) == (["viewer"], "northlight")
    assert "see_session" in me["actions"]
    assert "search_viewers" not in me["actions"]
    program = as_program(cast.northlight, "admin").get("me/").json()
    assert (program["is_token"], program["roles"]) == (True, ["admin"])


def test_the_workspace_is_renamed_by_its_administrator(alice):
    changed = alice.send("PATCH", "workspace/", {"name": "Nordlicht", "error_names": ["Fault"], "slug": "x"}).json()
    assert (changed["name"], changed["error_names"], changed["slug"]) == ("Nordlicht", ["Fault"], "northlight")
