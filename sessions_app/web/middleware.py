"""What every page request passes: cross-origin headers, the limits of a sign-in, the current workspace.

After `CurrentWorkspace` a request has `workspace` (or None), `roles` in it, and all `workspaces` of the user.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from sessions_app.viewers.recent import SIGNED_IN_KEY
from sessions_app.viewers.roles import workspaces_of

WORKSPACE_KEY = "workspace"
SEEN_KEY = "seen_at"
# The session row is written at most this often to note that somebody is there.
SEEN_EVERY_S = 60
# Health is asked when the database may be down: it must not look up who asks.
HEALTH = frozenset({"/healthz", "/readyz"})

GetResponse = Callable[[HttpRequest], HttpResponse]


class CrossOriginHeaders:
    """Keeps our pages and answers out of other sites' documents, and personal pages out of caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "roles", None) or "Authorization" in request.headers:
            response.setdefault("Cache-Control", "no-store")
        return response


class CurrentWorkspace:
    """Sets `request.workspace` and `request.roles` from the session's choice and the user's memberships."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.workspace, request.roles, request.workspaces = None, set(), []
        if request.path not in HEALTH and request.user.is_authenticated:
            if is_over(request.session, time.time()):
                logout(request)
            else:
                choose_workspace(request)
        return self.get_response(request)


def is_over(session: Any, now_s: float) -> bool:
    """Whether a sign-in has been idle or has lasted too long; notes the visit when it has not."""
    signed_in_at = session.get(SIGNED_IN_KEY)
    if signed_in_at is None:
        session[SIGNED_IN_KEY] = signed_in_at = int(now_s)
    seen_at = session.get(SEEN_KEY, signed_in_at)
    if now_s - seen_at > settings.SESSION_IDLE_S or now_s - signed_in_at > settings.SESSION_COOKIE_AGE:
        return True
    if SEEN_KEY not in session or now_s - seen_at > SEEN_EVERY_S:
        session[SEEN_KEY] = int(now_s)
    return False


def choose_workspace(request: Any) -> None:
    """`?workspace=slug` is remembered; a slug not one's own leaves the request without a workspace."""
    request.workspaces = workspaces_of(request.user)
    asked = request.GET.get("workspace")
    slug = asked or request.session.get(WORKSPACE_KEY)
    chosen = next((pair for pair in request.workspaces if pair[0].slug == slug), None)
    if chosen is None and request.workspaces and not asked:
        chosen = request.workspaces[0]
    if chosen is not None:
        request.workspace, request.roles = chosen
        if asked and request.session.get(WORKSPACE_KEY) != asked:
            request.session[WORKSPACE_KEY] = asked
