"""Forwarding: destinations (secrets go in and never out), deliveries, and what to do about given up ones."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.problems import Problem
from sessions_app.api.shapes import LARGEST, Done
from sessions_app.forwarding import letters
from sessions_app.forwarding.addresses import PODS, AddressRefusedError, allowed_url
from sessions_app.forwarding.overview import Standing, standings
from sessions_app.models import Attempt, Delivery, Destination
from sessions_app.models.forwarding import DeliveryStatus
from sessions_app.viewers.audit import record
from sessions_app.viewers.roles import Action

TAKEN = "A destination of this name exists already."


class DestinationShape(s.Serializer):
    """A destination and where it stands. Its secret is never read back."""

    id = s.CharField()
    name = s.CharField()
    url = s.CharField()
    key_end = s.SerializerMethodField()
    is_on = s.BooleanField()
    send_computed_summary = s.BooleanField()
    circuit = s.CharField(help_text="closed open half_open")
    held_reason = s.CharField()
    not_before = s.DateTimeField(allow_null=True)
    last_error = s.CharField()

    def get_key_end(self, row: Destination) -> str:
        return row.key[-4:]


class DestinationStanding(DestinationShape):
    due = s.IntegerField()
    sending = s.IntegerField()
    dead = s.IntegerField()
    sent_last_hour = s.IntegerField()
    oldest_due_s = s.IntegerField(allow_null=True)
    is_stuck = s.BooleanField()


@extend_schema_field({"type": "string", "enum": [*PODS, *settings.FORWARDING_ALLOWED_URLS]})
class AllowedUrl(s.CharField):
    """One of mParticle's pods, or named in FORWARDING_ALLOWED_URLS."""


class DestinationRequest(s.Serializer):
    name = s.CharField(max_length=200)
    url = AllowedUrl(max_length=300)
    key = s.CharField(max_length=128, write_only=True)
    secret = s.CharField(max_length=500, write_only=True, trim_whitespace=False)
    is_on = s.BooleanField(required=False, default=True)
    send_computed_summary = s.BooleanField(required=False, default=False)

    def validate_url(self, text: str) -> str:
        try:
            return allowed_url(text)
        except AddressRefusedError as refusal:
            raise ValidationError(str(refusal)) from None


class DeliveryShape(s.Serializer):
    id = s.CharField()
    destination_id = s.CharField()
    status = s.ChoiceField(choices=DeliveryStatus.choices)
    event_count = s.IntegerField()
    attempts = s.IntegerField()
    created_at = s.DateTimeField()
    next_attempt_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)
    last_status = s.IntegerField(allow_null=True)
    last_error = s.CharField()


class AttemptShape(s.Serializer):
    at = s.DateTimeField()
    status = s.IntegerField(allow_null=True)
    took_ms = s.IntegerField()
    error = s.CharField()


class DeliveryDetail(DeliveryShape):
    attempt_rows = AttemptShape(many=True)


class DeliveryQuery(s.Serializer):
    status = s.ChoiceField(required=False, choices=DeliveryStatus.choices)
    destination_id = s.IntegerField(required=False, min_value=0, max_value=LARGEST)


class Letters(s.Serializer):
    """Given up batches of one destination: these, or all of them."""

    destination_id = s.IntegerField(min_value=0, max_value=LARGEST)
    ids = s.ListField(child=s.IntegerField(min_value=0, max_value=LARGEST), max_length=1000, required=False)


class DestinationList(ApiView):
    needs = {"GET": Action.SEE_FORWARDING, "POST": Action.WRITE_DESTINATIONS}

    @extend_schema(operation_id="destinations_list", responses=DestinationStanding(many=True))
    def get(self, request: Any) -> Response:
        """Every destination with what waits for it."""
        return Response([standing_json(one) for one in standings(self.workspace)])

    @extend_schema(operation_id="destinations_create", request=DestinationRequest, responses={201: DestinationShape})
    def post(self, request: Any) -> Response:
        """A new destination; every event stored from now on goes there."""
        asked = self.body(DestinationRequest)
        made = Destination(workspace=self.workspace)
        return Response(DestinationShape(_saved(self, made, asked, "make_destination")).data, status=201)


class DestinationDetail(ApiView):
    needs: Action | dict[str, Action] = {
        "GET": Action.SEE_FORWARDING,
        "PATCH": Action.WRITE_DESTINATIONS,
        "DELETE": Action.WRITE_DESTINATIONS,
    }

    def destination(self, pk: int) -> Destination:
        return found(Destination.objects.all(), workspace=self.workspace, pk=pk)

    @extend_schema(operation_id="destinations_retrieve", responses=DestinationShape)
    def get(self, request: Any, pk: int) -> Response:
        """One destination."""
        return Response(DestinationShape(self.destination(pk)).data)

    @extend_schema(
        operation_id="destinations_update", request=DestinationRequest(partial=True), responses=DestinationShape
    )
    def patch(self, request: Any, pk: int) -> Response:
        """Change it. A key or a secret alone goes with the other one as it was."""
        row = self.destination(pk)
        asked = self.body(DestinationRequest, partial=True)
        return Response(DestinationShape(_saved(self, row, asked, "change_destination")).data)

    @extend_schema(operation_id="destinations_destroy", responses={204: None})
    @transaction.atomic
    def delete(self, request: Any, pk: int) -> Response:
        """Switch it off: nothing is sent there any more; what was sent stays on record."""
        row = self.destination(pk)
        Destination.objects.filter(pk=row.pk).update(is_on=False)
        record(self.workspace, self.actor, "switch_off_destination", f"destination {row.pk}", self.now())
        return Response(status=204)


class DestinationSwitch(DestinationDetail):
    """Hold a destination, or let it go on."""

    http_method_names = ["post", "options"]
    needs = Action.CONTROL_FORWARDING
    pauses = True

    @extend_schema(request=None, responses=DestinationShape)
    @transaction.atomic
    def post(self, request: Any, pk: int) -> Response:
        """Paused rows wait and lose nothing; resumed ones go in order."""
        row = self.destination(pk)
        (letters.pause if self.pauses else letters.resume)(row)
        action = "pause_destination" if self.pauses else "resume_destination"
        record(self.workspace, self.actor, action, f"destination {row.pk}", self.now())
        row.refresh_from_db()
        return Response(DestinationShape(row).data)


class DeliveryList(Listing):
    needs = Action.CONTROL_FORWARDING
    serializer_class = DeliveryShape

    @extend_schema(operation_id="deliveries_list", parameters=[DeliveryQuery])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Outbox rows, newest first; `?status=dead` are the given up ones."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(destination__workspace=self.workspace, **self.query(DeliveryQuery)).defer("body")

    def rows(self, page: Rows) -> Rows:
        return list(DeliveryShape(page, many=True).data)


class DeliveryOne(ApiView):
    needs = Action.CONTROL_FORWARDING

    @extend_schema(operation_id="deliveries_retrieve", responses=DeliveryDetail)
    def get(self, request: Any, pk: int) -> Response:
        """One outbox row with every attempt. Bodies are not shown: they name viewers."""
        row = found(Delivery.objects.defer("body"), destination__workspace=self.workspace, pk=pk)
        attempts = Attempt.objects.filter(delivery=row).order_by("-id")[:100]
        return Response({**DeliveryShape(row).data, "attempt_rows": AttemptShape(attempts, many=True).data})


class LettersView(ApiView):
    """Given up batches: again, or away."""

    needs = Action.CONTROL_FORWARDING
    retries = True

    @extend_schema(request=Letters, responses=Done)
    @transaction.atomic
    def post(self, request: Any) -> Response:
        """Retried ones get the same bytes and a new window; discarded ones stay on record without their bytes."""
        asked = self.body(Letters)
        row = found(Destination.objects.all(), workspace=self.workspace, pk=asked["destination_id"])
        count = (letters.retry if self.retries else letters.discard)(row, asked.get("ids"))
        action = "retry_deliveries" if self.retries else "discard_deliveries"
        record(self.workspace, self.actor, action, f"destination {row.pk}", self.now(), reason=f"{count} batches")
        return Response({"count": count})


def standing_json(one: Standing) -> dict[str, Any]:
    counts = {name: value for name, value in vars(one).items() if name != "destination"}
    return {**DestinationShape(one.destination).data, **counts}


def _saved(view: ApiView, row: Destination, asked: dict[str, Any], action: str) -> Destination:
    changed = tuple(sorted(asked))
    if {"key", "secret"} & asked.keys():
        row.set_credentials(asked.pop("key", row.key), asked.pop("secret", None) or row.secret())
    for name, value in asked.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
            record(view.workspace, view.actor, action, f"destination {row.pk}", view.now(), fields=changed)
    except IntegrityError:
        raise Problem(409, TAKEN) from None
    return row
