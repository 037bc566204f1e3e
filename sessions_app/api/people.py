"""Who is here: oneself, the workspaces one belongs to, its members, its tokens, its audit."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api.auth import TokenUser, roles_of_request, workspace_of_request
from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.problems import Problem
from sessions_app.models import AccessToken, AuditEntry, Membership, Workspace
from sessions_app.models.workspaces import Role
from sessions_app.viewers.audit import record
from sessions_app.viewers.roles import MATRIX, Action, may
from sessions_app.viewers.setup import make_token


class WorkspaceShape(s.ModelSerializer):
    id = s.CharField(read_only=True)
    error_names = s.ListField(child=s.CharField(max_length=200), max_length=200, required=False)

    class Meta:
        model = Workspace
        fields = ("id", "slug", "name", "time_zone", "error_names", "is_sandbox")
        read_only_fields = ("slug", "is_sandbox")


class Me(s.Serializer):
    """Who is asking, in which workspace, and what they may do there."""

    name = s.CharField()
    is_token = s.BooleanField()
    workspace = WorkspaceShape(allow_null=True)
    roles = s.ListField(child=s.CharField())
    actions = s.ListField(child=s.CharField())


class MemberShape(s.Serializer):
    id = s.CharField(read_only=True)
    email = s.CharField(source="user.username", max_length=150)
    role = s.ChoiceField(choices=Role.choices)


class TokenShape(s.Serializer):
    id = s.CharField(read_only=True)
    name = s.CharField(max_length=200, required=False, allow_blank=True, default="")
    role = s.ChoiceField(choices=Role.choices)
    created_at = s.DateTimeField(read_only=True)
    last_used_at = s.DateTimeField(read_only=True, allow_null=True)
    revoked_at = s.DateTimeField(read_only=True, allow_null=True)


class MadeToken(TokenShape):
    token = s.CharField(help_text="shown this once")


class AuditShape(s.Serializer):
    id = s.CharField()
    at = s.DateTimeField()
    actor = s.CharField()
    action = s.CharField()
    subject = s.CharField()
    fields_seen = s.ListField(child=s.CharField(), source="fields")
    reason = s.CharField()
    expires_at = s.DateTimeField(allow_null=True)


class WhoAmI(ApiView):
    open_to_members = True

    @extend_schema(operation_id="me", responses=Me)
    def get(self, request: Any) -> Response:
        """Oneself: roles and what they allow."""
        workspace, roles = workspace_of_request(request), roles_of_request(request)
        return Response(
            {
                "name": str(request.user),
                "is_token": isinstance(request.user, TokenUser),
                "workspace": WorkspaceShape(workspace).data if workspace else None,
                "roles": sorted(roles),
                "actions": [action.value for action in MATRIX if may(roles, action)],
            }
        )


class WorkspaceList(ApiView):
    open_to_members = True

    @extend_schema(operation_id="workspaces_list", responses=WorkspaceShape(many=True))
    def get(self, request: Any) -> Response:
        """The workspaces one belongs to."""
        token = request.auth
        own = [token.workspace] if isinstance(token, AccessToken) else [pair[0] for pair in request.workspaces]
        return Response(WorkspaceShape(own, many=True).data)


class CurrentWorkspaceView(ApiView):
    needs = {"GET": Action.SEE_BOARD, "PATCH": Action.MANAGE_MEMBERS}

    @extend_schema(operation_id="workspace_retrieve", responses=WorkspaceShape)
    def get(self, request: Any) -> Response:
        """The workspace being looked at."""
        return Response(WorkspaceShape(self.workspace).data)

    @extend_schema(operation_id="workspace_update", request=WorkspaceShape(partial=True), responses=WorkspaceShape)
    @transaction.atomic
    def patch(self, request: Any) -> Response:
        """Its name, time zone and which custom events mean an error."""
        shape = WorkspaceShape(self.workspace, data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        shape.save()
        changed = tuple(sorted(shape.validated_data))
        subject = f"workspace {self.workspace.pk}"
        record(self.workspace, self.actor, "change_workspace", subject, self.now(), fields=changed)
        return Response(shape.data)


class MemberList(Listing):
    needs = Action.MANAGE_MEMBERS
    serializer_class = MemberShape

    def get_queryset(self) -> QuerySet[Membership]:
        return Membership.objects.filter(workspace=self.workspace).select_related("user")

    def rows(self, page: Rows) -> Rows:
        return list(MemberShape(page, many=True).data)

    @extend_schema(operation_id="members_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Who holds which role."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="members_create", responses={201: MemberShape})
    @transaction.atomic
    def post(self, request: Any) -> Response:
        """Give a role to somebody who has an account."""
        asked = self.body(MemberShape)
        user = get_user_model().objects.filter(username=asked["user"]["username"], is_active=True).first()
        if user is None:
            raise Problem(409, "Nobody with this email has an account.")
        member, _ = Membership.objects.get_or_create(user=user, workspace=self.workspace, role=asked["role"])
        record(self.workspace, self.actor, "give_role", f"user {user.pk}", self.now(), reason=asked["role"])
        return Response(MemberShape(member).data, status=201)


class MemberDetail(ApiView):
    needs = Action.MANAGE_MEMBERS

    @extend_schema(operation_id="members_destroy", responses={204: None})
    @transaction.atomic
    def delete(self, request: Any, pk: int) -> Response:
        """Take a role away. One's own admin role stays: somebody must be able to undo mistakes."""
        member = found(Membership.objects.all(), workspace=self.workspace, pk=pk)
        if member.user_id == request.user.pk and member.role == Role.ADMIN:
            raise Problem(409, "Another administrator must take this role away.")
        record(self.workspace, self.actor, "take_role", f"user {member.user_id}", self.now(), reason=member.role)
        member.delete()
        return Response(status=204)


class TokenList(Listing):
    needs = Action.MANAGE_MEMBERS
    serializer_class = TokenShape

    def get_queryset(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.filter(workspace=self.workspace)

    def rows(self, page: Rows) -> Rows:
        return list(TokenShape(page, many=True).data)

    @extend_schema(operation_id="tokens_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Tokens of programs, without their secrets."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="tokens_create", responses={201: MadeToken})
    @transaction.atomic
    def post(self, request: Any) -> Response:
        """A new token; its text is in this answer and nowhere else."""
        asked = self.body(TokenShape)
        token, text = make_token(self.workspace, asked["role"], asked["name"])
        record(self.workspace, self.actor, "make_token", f"token {token.pk}", self.now(), reason=asked["role"])
        return Response({**TokenShape(token).data, "token": text}, status=201)


class TokenDetail(ApiView):
    needs = Action.MANAGE_MEMBERS

    @extend_schema(operation_id="tokens_destroy", responses={204: None})
    @transaction.atomic
    def delete(self, request: Any, pk: int) -> Response:
        """Revoke a token: it opens nothing any more."""
        token = found(AccessToken.objects.all(), workspace=self.workspace, pk=pk)
        if token.revoked_at is None:
            token.revoked_at = self.now()
            token.save(update_fields=["revoked_at"])
            record(self.workspace, self.actor, "revoke_token", f"token {token.pk}", self.now())
        return Response(status=204)


class AuditList(Listing):
    needs = Action.READ_OWN_AUDIT
    serializer_class = AuditShape

    @extend_schema(operation_id="audit_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Who looked at or changed what: one's own entries, for administrators everybody's."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[AuditEntry]:
        entries = AuditEntry.objects.filter(workspace=self.workspace)
        if self.may(Action.READ_AUDIT):
            return entries
        return entries.filter(actor=self.actor.name, actor_user_id=self.actor.user_id)

    def rows(self, page: Rows) -> Rows:
        return list(AuditShape(page, many=True).data)
