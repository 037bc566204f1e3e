"""The settled summary as mParticle's own words: a `Media Session Summary` custom event, made from one revision.

Off unless a destination asks for it. Everything in it comes from the revision, and its ids from the session and the
revision's number: made again, it is the same, byte for byte.
"""

import json
import uuid
from typing import Any

from sessions_app.models import MediaEvent, MediaSession, RawBatch, SessionSummary
from sessions_app.wire.render import render

NAMESPACE = uuid.UUID("b1f1f1c5-0a35-5b0c-8d8e-2f8f6b0c6a57")


def body_of(summary_id: int) -> tuple[str, bytes]:
    """(source_request_id, batch) of a summary."""
    summary = SessionSummary.objects.select_related("session__input").get(pk=summary_id)
    session = summary.session
    name = f"{session.input.key}/{session.media_session_id}/{summary.revision}"
    request_id = str(uuid.uuid5(NAMESPACE, f"batch/{name}"))
    batch = envelope(session, request_id)
    batch["events"] = [
        {
            "event_type": "custom_event",
            "data": {
                "event_name": "Media Session Summary",
                "custom_event_type": "media",
                "timestamp_unixtime_ms": summary.ended_at_ms,
                "source_message_id": str(uuid.uuid5(NAMESPACE, f"event/{name}")),
                "custom_attributes": attributes(session, summary),
            },
        }
    ]
    return request_id, json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def envelope(session: MediaSession, request_id: str) -> dict[str, Any]:
    """Who and where: as the session's last batch said it, else what the session itself still knows."""
    events = MediaEvent.objects.filter(session_day=session.session_day, session_id=session.pk)
    newest = events.order_by("-seq").values_list("raw_batch_id", flat=True)[:1]
    if raw := RawBatch.objects.filter(pk__in=list(newest)).first():
        return dict(json.loads(render(bytes(raw.body), raw.door, [], request_id)))
    batch: dict[str, Any] = {"source_request_id": request_id, "environment": "production"}
    if session.mpid.removeprefix("-").isdigit():
        batch["mpid"] = int(session.mpid)
    return batch


def attributes(session: MediaSession, summary: SessionSummary) -> dict[str, Any]:
    """The keys of the SDKs' own summary, in milliseconds; what was not measured is left out."""
    values = summary.values
    ads = [ad.values for ad in session.ads.order_by("number")]
    content_ms, ad_ms = values.get("media_content_time_spent_ms"), ad_time_ms(ads)
    sent = {
        "media_session_id": session.media_session_id,
        "content_id": session.content_id,
        "content_title": session.content_title,
        "content_type": session.content_type,
        "content_duration": session.content_duration_ms,
        "stream_type": session.stream_type,
        "media_session_start_time": summary.started_at_ms,
        "media_session_end_time": summary.ended_at_ms,
        "media_time_spent": values.get("media_time_spent_ms"),
        "media_content_time_spent": content_ms,
        "media_content_complete": values.get("reached_end"),
        "media_session_segment_total": values.get("segment_count"),
        "media_total_ad_time_spent": ad_ms,
        "media_ad_time_spent_rate": round(ad_ms / content_ms * 100, 3) if ad_ms and content_ms else None,
        "media_session_ad_total": values.get("ad_count"),
        "media_session_ad_objects": ad_ids(ads),
    }
    return {name: value for name, value in sent.items() if value is not None}


def ad_time_ms(ads: list[dict[str, Any]]) -> int:
    """As the SDKs add it up: from start to end of the ads that ended or were skipped."""
    return sum(ad["time_spent_ms"] for ad in ads if ad["ad_completed"] or ad["ad_skipped"])


def ad_ids(ads: list[dict[str, Any]]) -> str | None:
    """The ads shown, as a JSON text: an attribute's value may not be a list."""
    ids = [ad.get("ad_content_id") for ad in ads]
    return json.dumps([name for name in ids if name]) if any(ids) else None
