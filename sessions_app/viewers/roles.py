"""Who may do what, as data: the role matrix of docs/security.md, for API, pages, sockets and admin.

`roles_of` says which roles someone holds in a workspace; `may` looks an action up. Nothing else decides. Who is a
member of a workspace is one of its sandbox, with the same roles.
Two cells surprise: admin is not support (reading PII is support's work), and nobody exports PII.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sessions_app.models import Workspace
from sessions_app.models.workspaces import Membership, Role


class Action(StrEnum):
    """One row of the matrix."""

    SEE_BOARD = "see_board"
    SEE_SESSION = "see_session"
    SEE_PII = "see_pii"
    SEARCH_VIEWERS = "search_viewers"
    REPLAY_SESSION = "replay_session"
    EXPORT = "export"
    EXPORT_PII = "export_pii"
    SEE_QUARANTINE_COUNTS = "see_quarantine_counts"
    SEE_QUARANTINE_RAW = "see_quarantine_raw"
    REPLAY_QUARANTINE = "replay_quarantine"
    SEE_FORWARDING = "see_forwarding"
    CONTROL_FORWARDING = "control_forwarding"
    WRITE_DESTINATIONS = "write_destinations"
    MANAGE_INPUTS = "manage_inputs"
    MANAGE_MEMBERS = "manage_members"
    REQUEST_ERASURE = "request_erasure"
    APPROVE_ERASURE = "approve_erasure"
    READ_OWN_AUDIT = "read_own_audit"
    READ_AUDIT = "read_audit"
    SEE_METRICS = "see_metrics"
    USE_ADMIN_SITE = "use_admin_site"


VIEWER, SUPPORT, OPS, ADMIN = Role.VIEWER.value, Role.SUPPORT.value, Role.OPS.value, Role.ADMIN.value
EVERYBODY = frozenset({VIEWER, SUPPORT, OPS, ADMIN})

MATRIX: dict[Action, frozenset[str]] = {
    Action.SEE_BOARD: EVERYBODY,
    Action.SEE_SESSION: EVERYBODY,
    Action.SEE_PII: frozenset({SUPPORT}),
    Action.SEARCH_VIEWERS: frozenset({SUPPORT}),
    Action.REPLAY_SESSION: frozenset({SUPPORT, OPS, ADMIN}),
    Action.EXPORT: frozenset({OPS, ADMIN}),
    # A second person's consent is proposed for it and not built: until then nobody.
    Action.EXPORT_PII: frozenset(),
    Action.SEE_QUARANTINE_COUNTS: EVERYBODY,
    Action.SEE_QUARANTINE_RAW: frozenset({SUPPORT}),
    Action.REPLAY_QUARANTINE: frozenset({OPS, ADMIN}),
    Action.SEE_FORWARDING: EVERYBODY,
    Action.CONTROL_FORWARDING: frozenset({OPS, ADMIN}),
    Action.WRITE_DESTINATIONS: frozenset({ADMIN}),
    Action.MANAGE_INPUTS: frozenset({ADMIN}),
    Action.MANAGE_MEMBERS: frozenset({ADMIN}),
    Action.REQUEST_ERASURE: frozenset({SUPPORT}),
    Action.APPROVE_ERASURE: frozenset({ADMIN}),
    Action.READ_OWN_AUDIT: frozenset({SUPPORT, ADMIN}),
    Action.READ_AUDIT: frozenset({ADMIN}),
    Action.SEE_METRICS: frozenset({OPS, ADMIN}),
    Action.USE_ADMIN_SITE: frozenset({ADMIN}),
}

# Whether such a record exists is personal already: a refusal must look like "no such thing".
HIDES_EXISTENCE = frozenset({Action.SEE_PII, Action.SEARCH_VIEWERS, Action.SEE_QUARANTINE_RAW, Action.REQUEST_ERASURE})


def may(roles: Iterable[str], action: Action) -> bool:
    """Whether one of these roles allows the action."""
    return not MATRIX[action].isdisjoint(roles)


def roles_of(user: Any, workspace: Workspace | None) -> set[str]:
    """The roles someone holds in a workspace now, asked of the database; a superuser is admin everywhere."""
    if workspace is None or not _is_known(user):
        return set()
    places = [pk for pk in (workspace.pk, workspace.sandbox_of_id) if pk is not None]
    roles = set(Membership.objects.filter(user_id=user.pk, workspace__in=places).values_list("role", flat=True))
    return roles | {ADMIN} if user.is_superuser else roles


def workspaces_of(user: Any) -> list[tuple[Workspace, set[str]]]:
    """Every workspace someone belongs to with their roles in it, by name; one query."""
    if not _is_known(user):
        return []
    found: dict[int, tuple[Workspace, set[str]]] = {}
    if user.is_superuser:
        found = {workspace.pk: (workspace, {ADMIN}) for workspace in Workspace.objects.order_by("name", "pk")}
    held = Membership.objects.filter(user_id=user.pk).select_related("workspace__sandbox")
    for membership in held.order_by("workspace__name", "pk"):
        workspace = membership.workspace
        for place in filter(None, (workspace, getattr(workspace, "sandbox", None))):
            found.setdefault(place.pk, (place, set()))[1].add(membership.role)
    return list(found.values())


def _is_known(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated and user.is_active and user.pk is not None)
