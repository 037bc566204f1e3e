"""Inputs: the keys events come in with. A secret is shown once, in the answer that made it."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.problems import Problem
from sessions_app.models import Input
from sessions_app.models.workspaces import Platform
from sessions_app.viewers.audit import record
from sessions_app.viewers.roles import Action
from sessions_app.viewers.setup import BROUGHT_KEY, SHORTEST_SECRET, BroughtKeyError, make_input, renew_secret

TAKEN = "An input of this name exists already."


class InputShape(s.ModelSerializer):
    id = s.CharField(read_only=True)
    origins = s.ListField(
        child=s.CharField(max_length=200), max_length=50, required=False, help_text="web pages that may send; none: any"
    )
    rate_per_s = s.IntegerField(min_value=1, max_value=1_000_000, allow_null=True, required=False)
    secret_is_recoverable = s.SerializerMethodField(help_text="native SDKs sign with the secret itself")

    class Meta:
        model = Input
        fields: Any = (
            "id",
            "name",
            "platform",
            "key",
            "origins",
            "signature_required",
            "rate_per_s",
            "secret_is_recoverable",
            "created_at",
            "revoked_at",
        )
        read_only_fields: Any = ("key", "created_at", "revoked_at")

    def get_secret_is_recoverable(self, row: Input) -> bool:
        return row.secret_encrypted is not None


class InputChange(InputShape):
    """What may be changed later. The platform may not: it decides how stored words were read."""

    class Meta(InputShape.Meta):
        read_only_fields: Any = (*InputShape.Meta.read_only_fields, "platform")


class InputRequest(s.Serializer):
    name = s.CharField(max_length=200)
    platform = s.ChoiceField(choices=Platform.choices, default=Platform.SERVER.value)
    key = s.RegexField(BROUGHT_KEY, required=False, help_text="one that apps have from mParticle already")
    secret = s.CharField(
        min_length=SHORTEST_SECRET, max_length=256, required=False, help_text="the one that belongs to the key"
    )


class MadeInput(InputShape):
    secret = s.CharField(help_text="shown this once")

    class Meta(InputShape.Meta):
        fields: Any = (*InputShape.Meta.fields, "secret")


class InputList(Listing):
    needs = Action.MANAGE_INPUTS
    serializer_class = InputShape

    @extend_schema(operation_id="inputs_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Inputs with their keys, without their secrets."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Input]:
        return Input.objects.filter(workspace=self.workspace)

    def rows(self, page: Rows) -> Rows:
        return list(InputShape(page, many=True).data)

    @extend_schema(operation_id="inputs_create", request=InputRequest, responses={201: MadeInput})
    def post(self, request: Any) -> Response:
        """A new key and secret, or those that were brought along."""
        asked = self.body(InputRequest)
        try:
            with transaction.atomic():
                made = make_input(self.workspace, **asked)
                record(self.workspace, self.actor, "make_input", f"input {made.input.pk}", self.now())
        except BroughtKeyError as refusal:
            raise Problem(409, str(refusal)) from None
        except IntegrityError:
            raise Problem(409, TAKEN) from None
        return Response({**InputShape(made.input).data, "secret": made.secret}, status=201)


class InputDetail(ApiView):
    needs = Action.MANAGE_INPUTS

    def input(self, pk: int) -> Input:
        return found(Input.objects.all(), workspace=self.workspace, pk=pk)

    @extend_schema(operation_id="inputs_retrieve", responses=InputShape)
    def get(self, request: Any, pk: int) -> Response:
        """One input."""
        return Response(InputShape(self.input(pk)).data)

    @extend_schema(operation_id="inputs_update", request=InputChange(partial=True), responses=InputShape)
    def patch(self, request: Any, pk: int) -> Response:
        """Name, origins, signature check and rate."""
        shape = InputChange(self.input(pk), data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                shape.save()
                changed = tuple(sorted(shape.validated_data))
                record(self.workspace, self.actor, "change_input", f"input {pk}", self.now(), fields=changed)
        except IntegrityError:
            raise Problem(409, TAKEN) from None
        return Response(shape.data)

    @extend_schema(operation_id="inputs_destroy", responses={204: None})
    @transaction.atomic
    def delete(self, request: Any, pk: int) -> Response:
        """Revoke the key: no more events by it. What it stored stays."""
        row = self.input(pk)
        if row.revoked_at is None:
            row.revoked_at = self.now()
            row.save(update_fields=["revoked_at"])
            record(self.workspace, self.actor, "revoke_input", f"input {row.pk}", self.now())
        return Response(status=204)


class InputSecret(InputDetail):
    http_method_names = ["post", "options"]

    @extend_schema(operation_id="inputs_renew_secret", request=None, responses={201: MadeInput})
    @transaction.atomic
    def post(self, request: Any, pk: int) -> Response:
        """A new secret; the old one opens nothing from the next two seconds on."""
        row = self.input(pk)
        secret = renew_secret(row)
        record(self.workspace, self.actor, "renew_secret", f"input {row.pk}", self.now())
        return Response({**InputShape(row).data, "secret": secret}, status=201)
