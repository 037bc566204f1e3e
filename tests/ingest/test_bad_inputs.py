"""170 hostile, broken and odd requests: each is answered as agreed, and the store holds what the answer says.

Those that are no whole HTTP request (`raw_b64`) are the server shell's; they are sent to it over a socket in
tests/processes.
"""

import base64
import json
import zlib
from pathlib import Path

from asgiref.sync import sync_to_async

from sessions_app.models import MediaEvent, Quarantined, ViewerEvent
from tests.ingest.client import accounts, basic, make_feed

RECORDS = [
    json.loads(line) for line in (Path(__file__).parent.parent / "samples" / "bad_inputs.jsonl").open(encoding="utf-8")
]
# 64 MB of it: the limit is looked at piece by piece, which test_limits shows with less.
TOO_BIG_FOR_HERE = {"bomb.size-64m-chunked"}


def body_of(record):
    if "body" in record:
        return record["body"].encode("utf-8", "surrogatepass")
    if "body_b64" in record:
        return base64.b64decode(record["body_b64"])
    made = record["generator"]
    plain = (made["prefix"] + made["repeat"] * made["times"] + made["suffix"]).encode()
    if made.get("encode") == "gzip":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return packer.compress(plain) + packer.flush()
    return plain


async def send(doors, record, feed):
    headers = {
        name: value.replace("{{basic}}", basic(feed)["authorization"]).encode("latin-1")
        for name, value in record["headers"].items()
    }
    for _ in range(record.get("send_times", 1)):
        answer = await doors.http.request(record["method"], record["path"], content=body_of(record), headers=headers)
    return answer


@sync_to_async
def kept(feed):
    events = MediaEvent.objects.filter(session__input=feed).count() + ViewerEvent.objects.filter(input=feed).count()
    return events, Quarantined.objects.filter(input=feed).count()


async def complaints(doors, record):
    """Everything that is not as the record says."""
    feed = await make_feed()
    answer = await send(doors, record, feed)
    stored, quarantined = await kept(feed)
    await accounts(feed)
    wanted = record["expect_error_contains"]
    if answer.status_code not in record["expect_status"]:
        yield f"status {answer.status_code}, wanted {record['expect_status']}: {answer.text[:200]}"
    if "html" in answer.headers.get("content-type", "") or "Traceback" in answer.text:
        yield "HTML or a stack trace"
    if wanted and wanted.lower() not in answer.text.lower():
        yield f"no {wanted!r} in {answer.text[:200]}"
    if answer.status_code not in (204, 405) and answer.headers["content-type"] != "application/json":
        yield "not JSON"
    if record["valid_events"] and stored != record["valid_events"]:
        yield f"{stored} events stored, wanted {record['valid_events']}: {answer.text[:200]}"
    if (outcome := outcome_of(answer, stored, quarantined)) not in record["expect_outcome"]:
        yield f"{outcome}, wanted {record['expect_outcome']}"


def outcome_of(answer, stored, quarantined):
    if stored and quarantined:
        return "partial"
    if quarantined:
        return "quarantined"
    # A batch without media events is accepted with nothing to keep.
    return "stored" if stored or answer.status_code == 202 else "rejected"


async def test_every_bad_input_is_answered_and_kept_as_agreed(doors):
    failed = []
    for record in RECORDS:
        if record["method"] == "RAW" or record["id"] in TOO_BIG_FOR_HERE or "%00" in record["path"]:
            continue
        failed += [f"{record['id']}: {complaint}" async for complaint in complaints(doors, record)]
    assert not failed, "\n".join(failed)
