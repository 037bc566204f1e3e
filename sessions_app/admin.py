"""The admin site, for administrators of a workspace: they see their workspaces' rows and nobody else's.

People, inputs, tokens and destinations can be changed; secrets are never shown, data is read only, and of viewers
there is nothing here at all.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from sessions_app.models import (
    AccessToken,
    AuditEntry,
    Delivery,
    Destination,
    Export,
    ExportSchedule,
    Input,
    MediaSession,
    Membership,
    Workspace,
)
from sessions_app.models.clock import database_now
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.recent import READS, signed_in_lately
from sessions_app.viewers.roles import Action, may, workspaces_of

admin.site.site_header = "mediadash"
admin.site.site_title = "mediadash"
admin.site.index_title = "Administration"
admin.site.unregister(Group)


def administered(request: HttpRequest) -> list[int]:
    """The workspaces whose administrator asks; looked up once a request."""
    known: list[int] | None = getattr(request, "_administered", None)
    if known is None:
        own = workspaces_of(request.user)
        known = [workspace.pk for workspace, roles in own if may(roles, Action.USE_ADMIN_SITE)]
        request._administered = known  # type: ignore[attr-defined]
    return known


def has_permission(request: HttpRequest) -> bool:
    """Looking is for administrators; changing, for those whose sign-in is not long ago (web/admin_gate.py asks)."""
    may_change = request.method in READS or signed_in_lately(request)
    return bool(request.user.is_active and administered(request) and may_change)


admin.site.has_permission = has_permission  # type: ignore[method-assign]


class Audited(admin.ModelAdmin):
    """Changes stand in the workspace's audit, beside Django's own log, in the transaction that makes them."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.audit(request, "add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.audit(request, "change", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            self.audit(request, "delete", row)
        return super().log_deletions(request, queryset)

    def audit(self, request: HttpRequest, deed: str, row: Any) -> None:
        kind = row._meta.verbose_name
        for workspace in self.workspaces_of(request, row):
            record(workspace, Actor.of(request.user), f"admin_{deed}", f"{kind} {row.pk}", database_now())

    def workspaces_of(self, request: HttpRequest, row: Any) -> list[Workspace]:
        return [row if isinstance(row, Workspace) else row.workspace]


class OfWorkspace(Audited):
    """Rows of the workspaces one administers; `path` leads from the row to its workspace."""

    path = "workspace"
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(**{f"{self.path}__in": administered(request)})

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "workspace":
            kwargs["queryset"] = Workspace.objects.filter(pk__in=administered(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(OfWorkspace):
    """What happened: to be looked at."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)


@admin.register(Workspace)
class WorkspaceAdmin(OfWorkspace):
    path = "pk"
    list_display = ("name", "slug", "time_zone", "is_sandbox", "created_at")
    search_fields = ("name", "slug")
    readonly_fields = ("slug", "is_sandbox", "created_at")
    inlines = (MembershipInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(OfWorkspace):
    list_display = ("user", "role", "workspace")
    list_filter = ("role", "workspace")
    list_select_related = ("user", "workspace")
    autocomplete_fields = ("user",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)


@admin.register(Input)
class InputAdmin(OfWorkspace):
    """Keys are made where their secret can be shown once: on the settings page, by the API, by create_input."""

    list_display = ("name", "platform", "key", "workspace", "created_at", "revoked_at")
    list_filter = ("platform", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name", "key")
    fields = ("workspace", "name", "platform", "key", "origins", "signature_required", "rate_per_s", "revoked_at")
    readonly_fields = ("workspace", "platform", "key")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(AccessToken)
class TokenAdmin(OfWorkspace):
    list_display = ("name", "role", "workspace", "created_at", "last_used_at", "revoked_at")
    list_filter = ("role", "workspace")
    list_select_related = ("workspace",)
    fields = ("workspace", "name", "role", "created_at", "last_used_at", "revoked_at")
    readonly_fields = ("workspace", "role", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Destination)
class DestinationAdmin(OfWorkspace):
    """Address and secret are written on the settings page, where the address is checked; here is the rest."""

    list_display = ("name", "url", "workspace", "is_on", "circuit", "held_reason")
    list_filter = ("is_on", "workspace")
    list_select_related = ("workspace",)
    fields = ("workspace", "name", "url", "is_on", "send_computed_summary", "circuit", "held_reason", "last_error")
    readonly_fields = ("workspace", "url", "circuit", "held_reason", "last_error")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(MediaSession)
class MediaSessionAdmin(ReadOnly):
    list_display = ("media_session_id", "content_title", "platform", "state", "live", "first_received_at")
    list_filter = ("live", "platform")
    fields = (
        "workspace", "input", "media_session_id", "content_id", "content_title", "content_type", "stream_type",
        "platform", "device", "os", "player_name", "sdk_version", "state", "live", "ended_reason",
        "first_received_at", "last_received_at", "version", "last_seq", "duplicate_count", "quarantined_count",
    )  # fmt: skip
    ordering = ("-id",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    path = "destination__workspace"
    list_display = ("id", "destination", "status", "event_count", "attempts", "last_status", "created_at")
    list_filter = ("status",)
    list_select_related = ("destination",)
    fields = (
        "destination", "status", "event_count", "attempts", "next_attempt_at", "created_at", "finished_at",
        "last_status", "last_error",
    )  # fmt: skip
    ordering = ("-id",)


@admin.register(Export)
class ExportAdmin(ReadOnly):
    list_display = ("name", "dataset", "format", "status", "rows_done", "requested_by", "requested_at")
    list_filter = ("status", "dataset")
    exclude = ("file_name", "owner", "lease_until")
    ordering = ("-id",)


@admin.register(ExportSchedule)
class ExportScheduleAdmin(OfWorkspace):
    list_display = ("name", "dataset", "format", "every", "is_on", "next_at")
    fields = ("workspace", "name", "dataset", "format", "options", "every", "is_on", "created_by", "next_at")
    readonly_fields = ("workspace", "dataset", "format", "options", "every", "created_by", "next_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor", "action", "subject", "reason")
    list_filter = ("action",)
    exclude = ("digest",)
    ordering = ("-id",)


admin.site.unregister(get_user_model())


@admin.register(get_user_model())
class PeopleAdmin(Audited, UserAdmin):
    """Accounts. An administrator sees and changes those of their own workspaces, and makes new ones."""

    list_display = ("username", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username",)
    filter_horizontal = ()
    fieldsets = ((None, {"fields": ("username", "password", "is_active", "last_login", "date_joined")}),)
    readonly_fields = ("last_login", "date_joined")

    def workspaces_of(self, request: HttpRequest, row: Any) -> list[Workspace]:
        """An account belongs to no workspace: every one the administrator answers for learns of it."""
        return list(Workspace.objects.filter(pk__in=administered(request)))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Somebody who is also in a workspace one does not administer is not one's to change."""
        people = super().get_queryset(request)
        if request.user.is_superuser:
            return people
        elsewhere = Membership.objects.exclude(workspace__in=administered(request)).values("user_id")
        return people.filter(is_superuser=False).exclude(pk__in=elsewhere)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
