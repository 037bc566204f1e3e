"""Data quality: where every event went, what was refused, and what is in quarantine."""

import base64
import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, QuerySet, Sum
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.feeds import clients, feeds
from sessions_app.api.problems import Problem
from sessions_app.api.shapes import LARGEST
from sessions_app.ingest.replay import DUPLICATE, STORED, NotReplayableError, replay_quarantined
from sessions_app.models import IngestCount, Input, Quarantined, RefusedRequest
from sessions_app.viewers.audit import record
from sessions_app.viewers.roles import Action

COUNTS = (
    "received",
    "stored",
    "duplicate",
    "quarantined",
    "refused",
    "ignored",
    "batches",
    "late",
    "clock_corrected",
)
MOST_HOURS = 24 * 31


class QualityQuery(s.Serializer):
    hours = s.IntegerField(required=False, default=24, min_value=1, max_value=MOST_HOURS)


class Accounting(s.Serializer):
    """received = stored + duplicate + quarantined + refused, for one input."""

    input_id = s.CharField()
    name = s.CharField()
    platform = s.CharField()
    received = s.IntegerField()
    stored = s.IntegerField()
    duplicate = s.IntegerField()
    quarantined = s.IntegerField()
    refused = s.IntegerField()
    ignored = s.IntegerField()
    batches = s.IntegerField()
    late = s.IntegerField()
    clock_corrected = s.IntegerField()
    balances = s.BooleanField()


class QuarantineGroup(s.Serializer):
    input_id = s.CharField()
    code = s.CharField()
    rows = s.IntegerField()
    times = s.IntegerField()
    last_at = s.DateTimeField()


class RefusedGroup(s.Serializer):
    input_id = s.CharField(allow_null=True)
    status = s.IntegerField()
    code = s.CharField()
    times = s.IntegerField()
    last_at = s.DateTimeField()


class Client(s.Serializer):
    name = s.CharField(help_text="the input's")
    platform = s.CharField()
    sdk_version = s.CharField()
    player_name = s.CharField()
    sessions = s.IntegerField()
    live = s.IntegerField()
    timed_out = s.IntegerField(help_text="sessions that sent no end")
    last_at = s.DateTimeField()


class Feed(s.Serializer):
    name = s.CharField(help_text="the input's")
    platform = s.CharField()
    sessions = s.IntegerField()
    events = s.IntegerField()
    no_start = s.IntegerField(help_text="sessions that never sent Media Session Start")
    orphan_ends = s.IntegerField(help_text="sessions with more ends than starts of something")
    converted = s.IntegerField(help_text="events whose units or names were changed")
    guessed = s.IntegerField(help_text="summaries whose unit the platform does not tell")
    skew_p50_ms = s.IntegerField(help_text="the batch's time of sending less its arrival")
    skew_worst_ms = s.IntegerField()
    delay_p50_ms = s.IntegerField(help_text="from an event to its arrival")
    delay_p95_ms = s.IntegerField()
    worst_ms = s.IntegerField()


class Quality(s.Serializer):
    since = s.DateTimeField()
    inputs = Accounting(many=True)
    quarantine = QuarantineGroup(many=True)
    refused = RefusedGroup(many=True)
    feeds = Feed(many=True, help_text="over the newest thousand sessions since then")
    clients = Client(many=True, help_text="over the newest five thousand sessions")


class QuarantinedShape(s.Serializer):
    """What is wrong and where; the bytes themselves are another, audited question."""

    id = s.CharField()
    input_id = s.CharField()
    code = s.CharField()
    message = s.CharField()
    pointer = s.CharField()
    event_name = s.CharField(allow_null=True)
    media_session_id = s.CharField(allow_null=True)
    door = s.CharField()
    times = s.IntegerField()
    received_at = s.DateTimeField()
    replayed_at = s.DateTimeField(allow_null=True)
    replay_outcome = s.CharField(allow_null=True)
    discarded_at = s.DateTimeField(allow_null=True)


class QuarantineQuery(s.Serializer):
    input_id = s.IntegerField(required=False, min_value=0, max_value=LARGEST)
    code = s.CharField(required=False, max_length=32)
    open = s.BooleanField(required=False, help_text="neither replayed nor discarded")


class RawBytes(s.Serializer):
    id = s.CharField()
    text = s.CharField(help_text="as UTF-8, with replacements where it is none")
    base64 = s.CharField(help_text="the bytes as they came")


class Replayed(s.Serializer):
    id = s.CharField()
    outcome = s.CharField(help_text="stored duplicate quarantined")
    errors = s.ListField(child=s.DictField())  # type: ignore[assignment]


class QualityView(ApiView):
    needs = Action.SEE_QUARANTINE_COUNTS

    @extend_schema(operation_id="quality", parameters=[QualityQuery], responses=Quality)
    def get(self, request: Any) -> Response:
        """Counts of the last hours for each input, what went wrong by reason, and what kind of feed each is."""
        since = self.now() - dt.timedelta(hours=self.query(QualityQuery)["hours"])
        inputs = list(Input.objects.filter(workspace=self.workspace).order_by("pk"))
        return Response(
            {
                "since": since,
                "inputs": _accounting(inputs, since),
                "quarantine": _quarantine_groups(inputs, since),
                "refused": _refused_groups(inputs, since),
                "feeds": Feed(feeds(self.workspace, since), many=True).data,
                "clients": Client(clients(self.workspace), many=True).data,
            }
        )


class QuarantineList(Listing):
    needs = Action.SEE_QUARANTINE_COUNTS
    serializer_class = QuarantinedShape

    @extend_schema(operation_id="quarantine_list", parameters=[QuarantineQuery])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What could not be stored, newest first, without its bytes."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Quarantined]:
        asked = self.query(QuarantineQuery)
        is_open = asked.pop("open", None)
        rows = Quarantined.objects.filter(input__workspace=self.workspace, **asked).defer("raw")
        if is_open is None:
            return rows
        undone = {"replayed_at": None, "discarded_at": None}
        return rows.filter(**undone) if is_open else rows.exclude(**undone)

    def rows(self, page: Rows) -> Rows:
        return list(QuarantinedShape(page, many=True).data)


class QuarantineRaw(ApiView):
    needs = Action.SEE_QUARANTINE_RAW

    @extend_schema(operation_id="quarantine_raw", responses=RawBytes)
    @transaction.atomic
    def get(self, request: Any, pk: int) -> Response:
        """The bytes as they came. They may name a viewer: each look is written down first."""
        row = found(Quarantined.objects.all(), input__workspace=self.workspace, pk=pk)
        record(self.workspace, self.actor, "view_quarantine", f"quarantined {row.pk}", self.now(), fields=("raw",))
        raw = bytes(row.raw)
        return Response(
            {
                "id": str(row.pk),
                "text": raw.decode("utf-8", "replace"),
                "base64": base64.b64encode(raw).decode(),
            }
        )


class QuarantineReplay(ApiView):
    needs = Action.REPLAY_QUARANTINE

    @extend_schema(operation_id="quarantine_replay", request=None, responses=Replayed)
    def post(self, request: Any, pk: int) -> Response:
        """Send it through its door and the store once more, after a fix."""
        row = found(Quarantined.objects.defer("raw"), input__workspace=self.workspace, pk=pk)
        if row.discarded_at or row.replay_outcome in (STORED, DUPLICATE):
            raise Problem(409, "This was replayed or discarded before.")
        record(self.workspace, self.actor, "replay_quarantine", f"quarantined {row.pk}", self.now())
        try:
            replayed = replay_quarantined(row.pk)
        except NotReplayableError as refusal:
            raise Problem(409, str(refusal)) from None
        return Response({"id": str(row.pk), "outcome": replayed.outcome, "errors": replayed.errors})


class QuarantineDiscard(ApiView):
    needs = Action.REPLAY_QUARANTINE

    @extend_schema(operation_id="quarantine_discard", request=None, responses=QuarantinedShape)
    @transaction.atomic
    def post(self, request: Any, pk: int) -> Response:
        """Let it go: it is counted and no longer shown as open."""
        row = found(Quarantined.objects.all(), input__workspace=self.workspace, pk=pk)
        if row.replayed_at or row.discarded_at:
            raise Problem(409, "This was replayed or discarded before.")
        row.discarded_at = self.now()
        row.save(update_fields=["discarded_at"])
        record(self.workspace, self.actor, "discard_quarantine", f"quarantined {row.pk}", self.now())
        return Response(QuarantinedShape(row).data)


def _accounting(inputs: list[Input], since: dt.datetime) -> list[dict[str, Any]]:
    sums = IngestCount.objects.filter(input__in=inputs, minute__gte=since).values("input_id")
    by_input = {row["input_id"]: row for row in sums.annotate(**{name: Sum(name) for name in COUNTS})}
    return [_of_input(row, by_input.get(row.pk, {})) for row in inputs]


def _of_input(row: Input, sums: Any) -> dict[str, Any]:
    counts = {name: sums.get(name) or 0 for name in COUNTS}
    went = counts["stored"] + counts["duplicate"] + counts["quarantined"] + counts["refused"]
    names = {"input_id": str(row.pk), "name": row.name, "platform": row.platform}
    return {**names, **counts, "balances": counts["received"] == went}


def _quarantine_groups(inputs: list[Input], since: dt.datetime) -> list[dict[str, Any]]:
    rows = Quarantined.objects.filter(input__in=inputs, received_at__gte=since).values("input_id", "code")
    groups = rows.annotate(rows=Count("pk"), times=Sum("times"), last_at=Max("received_at")).order_by("-times")
    return [{**group, "input_id": str(group["input_id"])} for group in groups[:200]]


def _refused_groups(inputs: list[Input], since: dt.datetime) -> list[dict[str, Any]]:
    """Of our own keys only: an unknown key belongs to nobody's workspace."""
    rows = RefusedRequest.objects.filter(input__in=inputs, minute__gte=since).values("input_id", "status", "code")
    groups = rows.annotate(times=Sum("times"), last_at=Max("minute")).order_by("-times")
    return [{**group, "input_id": str(group["input_id"])} for group in groups[:200]]
