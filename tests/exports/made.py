"""Settled sessions to be exported."""

from sessions_app.models import AdSummary, SessionSummary
from tests.viewers.made import NOW, NOW_MS, session


def settled(feed, media_session_id, values=None, ads=(), **columns):
    row = session(feed, media_session_id, live=False, state="ended", **columns)
    SessionSummary.objects.create(
        session=row,
        workspace_id=feed.workspace_id,
        revision=1,
        session_version=1,
        fold_version=1,
        settled_at=NOW,
        started_at_ms=row.started_at_ms,
        ended_at_ms=NOW_MS + 60_000,
        ended_reason="session_end",
        values={"content_time_ms": 60_000, "rebuffer_ratio": 0.25, "reached_end": True, **(values or {})},
    )
    for number, ad in enumerate(ads, 1):
        AdSummary.objects.create(
            session=row, workspace_id=feed.workspace_id, number=number, started_at_ms=NOW_MS, values=ad
        )
    return row
