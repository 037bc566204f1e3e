"""Who may open which page: sign-in first, then a workspace, then the role. The matrix is viewers.roles."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from sessions_app.models import Workspace
from sessions_app.viewers import recent, roles
from sessions_app.viewers.roles import Action
from sessions_app.web.errors import no_workspace, page_not_found, role_missing

View = Callable[..., HttpResponseBase]


def workspace_of(request: HttpRequest) -> Workspace:
    """The workspace being looked at; `page` has made sure there is one."""
    workspace = getattr(request, "workspace", None)
    if not isinstance(workspace, Workspace):
        raise TypeError("a view that needs a workspace stands outside @page")
    return workspace


def may(request: HttpRequest, action: Action) -> bool:
    """Whether the person signed in may do this in the current workspace."""
    return roles.may(getattr(request, "roles", ()), action)


def page(action: Action = Action.SEE_BOARD) -> Callable[[View], View]:
    """For people signed in whose role allows `action`; others are sent to sign in, or told what they lack."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if getattr(request, "workspace", None) is None:
                return no_workspace(request)
            if not may(request, action):
                hidden = action in roles.HIDES_EXISTENCE
                return page_not_found(request) if hidden else role_missing(request, sorted(roles.MATRIX[action]))
            if recent.must_sign_in_again(request, action):
                # What was typed is not kept anywhere: it may be a secret.
                return redirect_to_login(reverse("settings"), reverse("sign-in-again"))
            response = view(request, *args, **kwargs)
            response.setdefault("Cache-Control", "no-store")
            return response

        return checked

    return decorate
