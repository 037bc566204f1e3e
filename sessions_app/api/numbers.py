"""The numbers of a session: settled if they are, computed from its events otherwise, and why each is what it is."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api.sessions import SessionView
from sessions_app.api.shapes import Explanation, Moment
from sessions_app.api.stories import timeline_of
from sessions_app.models import AdSummary, MediaSession, SegmentSummary, SessionSummary
from sessions_app.summaries.revision import settled
from sessions_app.summaries.usual import Startups, usual_startups
from sessions_app.timeline.explain import explain
from sessions_app.timeline.metrics import METRICS
from sessions_app.timeline.spans import Timeline

FIELDS: dict[str, Any] = {
    "ms": s.IntegerField,
    "count": s.IntegerField,
    "bps": s.IntegerField,
    "ratio": s.FloatField,
    "yes/no": s.BooleanField,
    "epoch_ms": s.IntegerField,
    "text": s.CharField,
}

WHICH = OpenApiParameter("metric", str, OpenApiParameter.PATH, enum=sorted(METRICS))


class Change(s.Serializer):
    field = s.CharField()
    before = s.JSONField(allow_null=True)
    after = s.JSONField(allow_null=True)


class Revision(s.Serializer):
    revision = s.IntegerField()
    settled_at = s.DateTimeField()
    reason = s.CharField()


class About(s.Serializer):
    """Where the numbers come from, and what stands beside them."""

    session_id = s.CharField()
    media_session_id = s.CharField()
    settled = s.BooleanField()
    revision = s.IntegerField(allow_null=True)
    settled_at = s.DateTimeField(allow_null=True)
    is_current = s.BooleanField(help_text="false while data that came later waits to be settled")
    started_at_ms = s.IntegerField()
    ended_at_ms = s.IntegerField(allow_null=True)
    ended_reason = s.CharField(allow_null=True)
    reason = s.CharField(help_text="why this revision")
    revisions = Revision(many=True)
    changes = Change(many=True)
    ads = s.ListField(child=s.DictField())
    segments = s.ListField(child=s.DictField())
    client = s.DictField(allow_null=True, help_text="the client's own summary, in ms")
    reconciliation = s.ListField(child=s.DictField())
    findings = s.ListField(child=s.DictField())


def _number(unit: str, words: str) -> s.Field:
    if unit == "percent":
        return s.ListField(child=s.IntegerField(), allow_null=True, help_text=words)
    field: s.Field = FIELDS[unit](allow_null=True, help_text=words)
    return field


# Every number of docs/metrics.md stands at the top level.
Summary = type(
    "Summary",
    (About,),
    {name: _number(metric.unit, metric.formula) for name, metric in METRICS.items()}
    | {"__doc__": "Every number of a session by its name in docs/metrics.md; null where there is nothing to measure."},
)


class SessionSummaryView(SessionView):
    @extend_schema(operation_id="sessions_summary", parameters=[Moment], responses=Summary)
    def get(self, request: Any, pk: int) -> Response:
        """Settled numbers when the session has ended, else those so far."""
        session, moment = self.session(pk), self.when()
        latest = SessionSummary.objects.filter(session=session, is_latest=True).first() if moment.is_now else None
        if latest is not None:
            return Response(_settled_json(session, latest))
        timeline = timeline_of(session, self.workspace, moment)
        return Response(_computed_json(session, timeline, usual_startups(session, self.workspace)))


class SessionExplain(SessionView):
    @extend_schema(operation_id="sessions_explain", parameters=[Moment, WHICH], responses=Explanation)
    def get(self, request: Any, pk: int, metric: str) -> Response:
        """The formula of one number, and the intervals that add up to it."""
        if metric not in METRICS:
            raise Http404
        session = self.session(pk)
        explained = explain(timeline_of(session, self.workspace, self.when()), metric)
        if metric == "duplicate_count":
            explained["value"] = session.duplicate_count
        return Response(explained)


def _settled_json(session: MediaSession, latest: SessionSummary) -> dict[str, Any]:
    revisions = SessionSummary.objects.filter(session=session).order_by("revision")
    return {
        **dict.fromkeys(METRICS),
        **latest.values,
        **_names(session),
        "settled": True,
        "revision": latest.revision,
        "settled_at": latest.settled_at,
        "is_current": session.settled_version >= session.version,
        "started_at_ms": latest.started_at_ms,
        "ended_at_ms": latest.ended_at_ms,
        "ended_reason": latest.ended_reason,
        "reason": latest.reason,
        "revisions": list(revisions.values("revision", "settled_at", "reason")),
        "changes": latest.changes,
        "ads": _values_of(AdSummary, session),
        "segments": _values_of(SegmentSummary, session),
        "client": latest.client,
        "reconciliation": latest.reconciliation,
        "findings": latest.findings,
    }


def _computed_json(session: MediaSession, timeline: Timeline, usual: Startups | None) -> dict[str, Any]:
    now = settled(session, timeline, usual)
    state = timeline.state
    return {
        **now.values,
        **_names(session),
        "settled": False,
        "revision": None,
        "settled_at": None,
        "is_current": True,
        "started_at_ms": now.started_at_ms,
        "ended_at_ms": state.ended_at_ms,
        "ended_reason": state.ended_reason,
        "reason": "",
        "revisions": [],
        "changes": [],
        "ads": now.ads,
        "segments": now.segments,
        "client": now.client,
        "reconciliation": now.reconciliation,
        "findings": now.findings,
    }


def _names(session: MediaSession) -> dict[str, str]:
    return {"session_id": str(session.pk), "media_session_id": session.media_session_id}


def _values_of(model: Any, session: MediaSession) -> list[dict[str, Any]]:
    return list(model.objects.filter(session=session).order_by("number").values_list("values", flat=True))
