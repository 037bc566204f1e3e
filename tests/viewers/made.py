"""Sessions with viewers, written straight into the tables."""

import datetime as dt
import json
import uuid

from sessions_app.keys import key128
from sessions_app.models import Identity, MediaEvent, MediaSession, RawBatch, SessionIdentity

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def identity(workspace, kind, value):
    end = value[-4:] if kind in ("mpid", "mp_deviceid") else ""
    row, _ = Identity.objects.get_or_create(
        workspace=workspace,
        type=kind,
        value_key=uuid.UUID(key128(value)),
        defaults={"value": value, "value_end": end, "first_seen_at": NOW},
    )
    return row


def session(feed, media_session_id, identities=(), events=(), **columns):
    """A stored session with its raw batch; identities are (type, value), events (name, offset in ms, attributes)."""
    mpid = next((value for kind, value in identities if kind == "mpid"), "")
    row = MediaSession.objects.create(
        workspace_id=feed.workspace_id,
        input=feed,
        media_session_id=media_session_id,
        session_key=uuid.UUID(key128(media_session_id)),
        session_day=NOW.date(),
        mpid=mpid,
        **{
            "content_id": "film-1",
            "content_title": "A film",
            "started_at_ms": NOW_MS,
            "last_at_ms": NOW_MS,
            "first_received_at": NOW,
            "last_received_at": NOW,
            "version": len(events),
            "last_seq": len(events),
            **columns,
        },
    )
    for kind, value in identities:
        SessionIdentity.objects.create(session=row, identity=identity(feed.workspace, kind, value), first_seen_at=NOW)
    batch = raw_batch(feed, {"mpid": mpid, "user_identities": dict(identities), "id": media_session_id})
    for number, (name, offset_ms, attributes) in enumerate(events, 1):
        MediaEvent.objects.create(
            session_day=row.session_day,
            session=row,
            event_key=uuid.UUID(key128(media_session_id, str(number))),
            seq=number,
            name=name,
            at_ms=NOW_MS + offset_ms,
            batch_at_ms=NOW_MS,
            index_in_batch=number - 1,
            received_at_ms=NOW_MS + offset_ms + 50,
            stored_at_ms=NOW_MS + offset_ms + 61,
            raw_batch_id=batch.pk,
            content_hash=number,
            attributes=json.dumps(attributes),
        )
    return row


def raw_batch(feed, body, door="server"):
    data = json.dumps(body).encode()
    return RawBatch.objects.create(input=feed, batch_key=uuid.UUID(key128(data)), door=door, body=data, received_at=NOW)
