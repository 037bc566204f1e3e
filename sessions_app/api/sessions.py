"""Media sessions: the list, one session, its timeline and its events, now or as it was."""

import json
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api import shapes
from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.stories import When, timeline_of, when
from sessions_app.keys import key128
from sessions_app.live.frames import event_json, session_json, session_then, sessions_json, viewer_refs
from sessions_app.live.masked import mask_attributes
from sessions_app.models import Delivery, MediaEvent, MediaSession, RawBatch
from sessions_app.models.rules import rules_for
from sessions_app.viewers.roles import Action
from sessions_app.wire.render import event_at, utc_offset_of

EVENTS_AT_ONCE = 200
MOST_EVENTS = 2000
# What a list shows of an event. Plain rows: making a model's instance of each takes longer than reading it.
LISTED = (
    "seq",
    "event_key",
    "name",
    "at_ms",
    "batch_at_ms",
    "index_in_batch",
    "received_at_ms",
    "attributes",
    "raw_batch_id",
)
STATES = ("starting", "playing", "ad", "buffering", "seeking", "paused", "no_signal", "ended")


class SessionQuery(s.Serializer):
    """Filters of the list; several together must all hold."""

    # Opaque, blanks at its ends included.
    media_session_id = s.CharField(required=False, trim_whitespace=False)
    live = s.BooleanField(required=False)
    content_id = s.CharField(required=False, trim_whitespace=False)
    platform = s.CharField(required=False)
    input_id = s.IntegerField(required=False, min_value=0, max_value=shapes.LARGEST)
    state = s.ChoiceField(required=False, choices=STATES)
    from_ms = s.IntegerField(required=False, min_value=-shapes.LARGEST, max_value=shapes.LARGEST)
    to_ms = s.IntegerField(required=False, min_value=-shapes.LARGEST, max_value=shapes.LARGEST)

    COLUMNS = {"from_ms": "started_at_ms__gte", "to_ms": "started_at_ms__lt"}

    @classmethod
    def as_filters(cls, asked: dict[str, Any]) -> dict[str, Any]:
        filters = {cls.COLUMNS.get(name, name): value for name, value in asked.items()}
        if "media_session_id" in filters:
            filters["session_key"] = key128(filters["media_session_id"])
        return filters


class EventQuery(s.Serializer):
    after = s.IntegerField(required=False, default=0, min_value=0, max_value=shapes.LARGEST)
    limit = s.IntegerField(required=False, default=EVENTS_AT_ONCE, min_value=1, max_value=1_000_000)
    forwards = s.BooleanField(required=False, default=False, help_text="with how each was passed on")


class SessionList(Listing):
    needs = Action.SEE_SESSION
    serializer_class = shapes.Session

    @extend_schema(operation_id="sessions_list", parameters=[SessionQuery])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Sessions, newest first."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[MediaSession]:
        filters = SessionQuery.as_filters(self.query(SessionQuery))
        return MediaSession.objects.filter(workspace=self.workspace, **filters).select_related("input")

    def rows(self, page: Rows) -> Rows:
        return sessions_json(page)


class SessionView(ApiView):
    """One session of this workspace; somebody else's is not there."""

    needs = Action.SEE_SESSION

    def session(self, pk: int) -> MediaSession:
        return found(MediaSession.objects.select_related("input"), workspace=self.workspace, pk=pk)

    def when(self) -> When:
        return when(self.query(shapes.Moment), int(self.now().timestamp() * 1000))


class SessionDetail(SessionView):
    @extend_schema(operation_id="sessions_retrieve", parameters=[shapes.Moment], responses=shapes.Session)
    def get(self, request: Any, pk: int) -> Response:
        """One session, now or as it was."""
        session, moment = self.session(pk), self.when()
        viewer_ref = viewer_refs([session.pk]).get(session.pk)
        if moment.is_now:
            return Response(session_json(session, viewer_ref=viewer_ref))
        return Response(session_then(session, timeline_of(session, self.workspace, moment), viewer_ref))


class SessionTimeline(SessionView):
    @extend_schema(operation_id="sessions_timeline", parameters=[shapes.Moment], responses=shapes.Timeline)
    def get(self, request: Any, pk: int) -> Response:
        """The lanes of a session, now or as they were."""
        session = self.session(pk)
        lanes = timeline_of(session, self.workspace, self.when()).to_json()
        return Response({"version": session.version, "last_seq": session.last_seq, **lanes})


class SessionEvents(SessionView):
    @extend_schema(operation_id="sessions_events", parameters=[EventQuery], responses=shapes.Events)
    def get(self, request: Any, pk: int) -> Response:
        """Events in order of arrival, 200 at once unless `limit` says otherwise, 2,000 at most."""
        session, asked = self.session(pk), self.query(EventQuery)
        limit = min(asked["limit"], MOST_EVENTS)
        stored = events_in(session).filter(seq__gt=asked["after"]).order_by("seq")
        page = list(stored.values_list(*LISTED, named=True)[: limit + 1])
        rules = rules_for(self.workspace.error_names)
        events = [event_json(event, rules) for event in page[:limit]]
        if asked["forwards"]:
            statuses = forward_statuses(page[:limit], self.workspace.pk)
            events = [{**event, "forwards": statuses[event["seq"]]} for event in events]
        return Response(
            {
                "events": events,
                "next": page[limit - 1].seq if len(page) > limit else None,
            }
        )


class SessionEvent(SessionView):
    @extend_schema(operation_id="sessions_event", responses=shapes.EventDetail)
    def get(self, request: Any, pk: int, seq: int) -> Response:
        """One event and how it was passed on."""
        session = self.session(pk)
        event = found(events_in(session), seq=seq)
        sent = json.loads(event.sent_attributes) if event.sent_attributes else None
        return Response(
            {
                **event_json(event, rules_for(self.workspace.error_names)),
                "stored_at_ms": event.stored_at_ms,
                "sent_attributes": None if sent is None else mask_attributes(sent),
                "forwards": forwards_of(event, self.workspace.pk),
            }
        )


class SessionEventRaw(SessionView):
    @extend_schema(operation_id="sessions_event_raw", responses=shapes.RawEvent)
    def get(self, request: Any, pk: int, seq: int) -> Response:
        """One event as the client sent it, identities struck out."""
        event = found(events_in(self.session(pk)), seq=seq)
        batch = RawBatch.objects.filter(pk=event.raw_batch_id).first()
        raw = event_at(bytes(batch.body), batch.door, event.index_in_batch) if batch else {}
        return Response(
            {
                "seq": event.seq,
                "door": batch.door if batch else "",
                "received_at": batch.received_at if batch else None,
                "masked": True,
                "raw": mask_attributes(raw),
            }
        )


def events_in(session: MediaSession) -> QuerySet[MediaEvent]:
    return MediaEvent.objects.filter(session_day=session.session_day, session_id=session.pk)


def device_offset_ms(session: MediaSession) -> int | None:
    """How far the player's wall clock is ahead of UTC, if its first batch is kept and says so."""
    first = events_in(session).filter(seq=1).values("raw_batch_id")
    batch = RawBatch.objects.filter(pk__in=first).only("body", "door").first()
    hours = utc_offset_of(bytes(batch.body), batch.door) if batch else None
    return None if hours is None else round(hours * 3_600_000)


def forwards_of(event: MediaEvent, workspace_id: int) -> list[dict[str, Any]]:
    """The deliveries an event went out with; one query."""
    deliveries = Delivery.objects.filter(
        raw_batch_id=event.raw_batch_id, destination__workspace_id=workspace_id
    ).select_related("destination")
    return [
        {
            "delivery_id": str(delivery.pk),
            "destination": delivery.destination.name,
            "status": delivery.status,
            "http_status": delivery.last_status,
            "attempts": delivery.attempts,
            "at": delivery.finished_at,
            "error": delivery.last_error,
        }
        for delivery in deliveries.order_by("id")
        if carries(delivery.indexes, delivery.rest, event)
    ]


def forward_statuses(events: list[Any], workspace_id: int) -> dict[int, list[str]]:
    """seq → the status of each delivery the event went out with; one query for all of them."""
    batches: dict[int | None, list[tuple[str, list[int], list[Any]]]] = {event.raw_batch_id: [] for event in events}
    deliveries = Delivery.objects.filter(raw_batch_id__in=list(batches), destination__workspace_id=workspace_id)
    for batch, status, indexes, rest in deliveries.order_by("id").values_list(
        "raw_batch_id", "status", "indexes", "rest"
    ):
        batches[batch].append((status, indexes, rest))
    return {
        event.seq: [status for status, indexes, rest in batches[event.raw_batch_id] if carries(indexes, rest, event)]
        for event in events
    }


def carries(indexes: list[int], rest: list[Any], event: Any) -> bool:
    """Whether a delivery of the event's batch has the event in it."""
    return not indexes or event.index_in_batch in [*indexes, *_flat(rest)]


def _flat(parts: list[Any]) -> list[int]:
    return [index for part in parts for index in (part if isinstance(part, list) else [part])]
