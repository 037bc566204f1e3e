"""One permission for every view: the view names the action it needs, the role matrix answers.

`needs` is an Action, or a dict of method → Action. A view that names none is refused to everybody.
"""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission

from sessions_app.api.auth import roles_of_request, workspace_of_request
from sessions_app.models import AccessToken
from sessions_app.viewers import recent
from sessions_app.viewers.roles import HIDES_EXISTENCE, Action, may, roles_of

__all__ = ["RolePermission", "needed", "roles_of"]


class SignInAgain(PermissionDenied):
    """The role allows it; the sign-in is too long ago."""

    default_detail = "Sign in again."


class RolePermission(BasePermission):
    """Lets through who may do what the view does, in the workspace it is asked for."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        action = needed(view, request.method)
        if action is None:
            return request.method == "OPTIONS" or getattr(view, "open_to_members", False)
        if workspace_of_request(request) is None:
            raise PermissionDenied("You are not a member of this workspace.")
        if may(roles_of_request(request), action):
            if not isinstance(request.auth, AccessToken) and recent.must_sign_in_again(request, action):
                raise SignInAgain(recent.WORDS)
            return True
        if action in HIDES_EXISTENCE:
            raise Http404
        raise PermissionDenied("Your role in this workspace does not allow this.")


def needed(view: Any, method: str) -> Action | None:
    """The action a method of a view stands for; HEAD is GET."""
    needs = getattr(view, "needs", None)
    if isinstance(needs, dict):
        return needs.get("GET" if method == "HEAD" else method)
    return needs
