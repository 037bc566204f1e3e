"""Viewers: search, the masked card, an audited look behind the mask, and erasure. Support's work, with a reason."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response

from sessions_app.api import shapes
from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.problems import Problem
from sessions_app.live import publish
from sessions_app.live.frames import sessions_json
from sessions_app.models import Erasure, Identity, MediaSession
from sessions_app.viewers import erase
from sessions_app.viewers.identities import card, identity_of, sessions_of
from sessions_app.viewers.lookup import SearchLimitError, search
from sessions_app.viewers.privacy import ReasonError, Revealed, reveal, reveals_of, still_revealed
from sessions_app.viewers.roles import Action


class SearchQuery(s.Serializer):
    q = s.CharField(max_length=500, help_text="the whole identity, or the last 4+ characters of an mpid or device id")


class Match(s.Serializer):
    viewer_ref = s.CharField()
    match = s.CharField(help_text="the kind of identity")
    masked = s.CharField()
    is_whole = s.BooleanField()
    last_seen_at = s.DateTimeField(allow_null=True)
    watching = s.BooleanField()
    sessions_30d = s.IntegerField()
    devices = s.ListField(child=s.CharField())


class Matches(s.Serializer):
    results = Match(many=True)
    too_short = s.BooleanField()
    more = s.BooleanField()


class MaskedIdentity(s.Serializer):
    id = s.CharField()
    type = s.CharField()
    masked = s.CharField()
    first_seen_at = s.DateTimeField()


class Look(s.Serializer):
    by = s.CharField()
    at = s.DateTimeField()
    reason = s.CharField()


class Card(s.Serializer):
    """A viewer, masked, with who looked behind the mask before."""

    viewer_ref = s.CharField()
    identities = MaskedIdentity(many=True)
    first_seen_at = s.DateTimeField(allow_null=True)
    last_seen_at = s.DateTimeField(allow_null=True)
    watching = s.BooleanField()
    session_count = s.IntegerField()
    devices = s.ListField(child=s.CharField())
    stats_30d = s.DictField()
    stats_all = s.DictField()
    reveals = Look(many=True)


class Reason(s.Serializer):
    reason = s.CharField(max_length=500, allow_blank=True, help_text="why: it is kept in the audit")


class ClearIdentity(s.Serializer):
    id = s.CharField()
    type = s.CharField()
    value = s.CharField()
    first_seen_at = s.DateTimeField()


class InTheClear(s.Serializer):
    identities = ClearIdentity(many=True)
    expires_at = s.DateTimeField()
    audit_id = s.CharField()


class ErasureRequest(s.Serializer):
    type = s.CharField(max_length=40, help_text="customer_id, email, mpid, …")
    value = s.CharField(max_length=2000)


class ErasureShape(s.Serializer):
    """OpenDSR's states: pending, in_progress, completed, cancelled. Counts, never identities."""

    id = s.CharField()
    status = s.CharField()
    identity_type = s.CharField()
    requested_by = s.CharField()
    approved_by = s.CharField()
    requested_at = s.DateTimeField()
    completed_at = s.DateTimeField(allow_null=True)
    counts = s.DictField(child=s.IntegerField())
    next_step = s.CharField()


class ViewerSearch(ApiView):
    needs = Action.SEARCH_VIEWERS

    @extend_schema(operation_id="viewers_search", parameters=[SearchQuery], responses=Matches)
    def get(self, request: Any) -> Response:
        """Viewers by what a customer can say; thirty searches a minute, each in the audit."""
        text = self.query(SearchQuery)["q"]
        try:
            matches = search(self.workspace, text, self.actor, self.now())
        except SearchLimitError as refusal:
            raise Throttled(wait=refusal.wait_s) from None
        return Response(vars(matches))


class ViewerView(ApiView):
    needs = Action.SEARCH_VIEWERS

    def identity(self, ref: str) -> Identity:
        identity = identity_of(self.workspace, ref)
        if identity is None:
            raise Http404
        return identity


class ViewerCard(ViewerView):
    @extend_schema(operation_id="viewers_retrieve", responses=Card)
    def get(self, request: Any, ref: str) -> Response:
        """One viewer, masked."""
        identity = self.identity(ref)
        return Response({**card(identity, self.now()), "reveals": reveals_of(identity)})


class ViewerSessions(Listing, ViewerView):
    serializer_class = shapes.Session

    @extend_schema(operation_id="viewers_sessions")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The viewer's sessions, newest first."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[MediaSession]:
        if "ref" not in self.kwargs:
            # drf-spectacular only wants to see the model.
            return MediaSession.objects.none()
        return sessions_of(self.identity(self.kwargs["ref"]))

    def rows(self, page: Rows) -> Rows:
        return sessions_json(page)


class ViewerReveal(ViewerView):
    needs = Action.SEE_PII

    @extend_schema(operation_id="viewers_revealed", responses=InTheClear)
    def get(self, request: Any, ref: str) -> Response:
        """The identities again while one's own reveal lasts; 404 otherwise. In the audit as well."""
        shown = still_revealed(self.identity(ref), self.actor, self.now())
        if shown is None:
            raise Http404
        return Response(_in_the_clear(shown))

    @extend_schema(operation_id="viewers_reveal", request=Reason, responses={200: InTheClear})
    def post(self, request: Any, ref: str) -> Response:
        """Look behind the mask for five minutes. The audit entry is written before anything is shown."""
        identity, asked = self.identity(ref), self.body(Reason)
        try:
            shown = reveal(identity, self.actor, asked["reason"], self.now())
        except ReasonError as refusal:
            raise ValidationError({"reason": [str(refusal)]}) from None
        return Response(_in_the_clear(shown))


class ErasureList(Listing):
    needs = {"GET": Action.READ_OWN_AUDIT, "POST": Action.REQUEST_ERASURE}
    serializer_class = ErasureShape

    @extend_schema(operation_id="erasures_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Requests to erase a viewer, and what came of them."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Erasure]:
        rows = Erasure.objects.filter(workspace=self.workspace)
        return rows if self.may(Action.APPROVE_ERASURE) else rows.filter(requested_by=self.actor.name)

    def rows(self, page: Rows) -> Rows:
        return [erase.receipt_json(row) for row in page]

    @extend_schema(operation_id="erasures_create", request=ErasureRequest, responses={201: ErasureShape})
    def post(self, request: Any) -> Response:
        """Ask for a viewer to be erased; an administrator approves."""
        asked = self.body(ErasureRequest)
        made = erase.ask(self.workspace, asked["type"], asked["value"], self.actor, self.now())
        return Response(erase.receipt_json(made), status=201)


class ErasureDecision(ApiView):
    """An administrator approves (and the viewer is gone) or cancels."""

    needs = Action.APPROVE_ERASURE
    approves = True

    @extend_schema(request=None, responses=ErasureShape)
    def post(self, request: Any, pk: int) -> Response:
        """Cannot be undone once approved."""
        row = found(Erasure.objects.all(), workspace=self.workspace, pk=pk)
        try:
            if self.approves:
                row, gone = erase.approve(row, self.actor, self.now())
                # Boards and pages that show one of them learn that it is gone.
                transaction.on_commit(lambda: publish.announce_sync([(row.workspace_id, pk, 0) for pk in gone]))
            else:
                row = erase.cancel(row, self.actor, self.now())
        except erase.ErasureError as refusal:
            raise Problem(409, str(refusal)) from None
        row.refresh_from_db()
        return Response(erase.receipt_json(row))


def _in_the_clear(shown: Revealed) -> dict[str, Any]:
    return {"identities": shown.identities, "expires_at": shown.expires_at, "audit_id": shown.audit_id}
