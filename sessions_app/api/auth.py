"""Who asks: a person with a session cookie (CSRF checked), or a program with `Authorization: Bearer`.

A token belongs to one workspace and one role; only its SHA-256 is stored.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from sessions_app.models import AccessToken, Workspace
from sessions_app.viewers.setup import sha256

# A token's last use is noted at most this often.
USED_EVERY_S = 60


class TokenUser(AnonymousUser):
    """The program behind a token; has no account and no primary key."""

    def __init__(self, token: AccessToken) -> None:
        self.token = token

    @property
    def is_authenticated(self) -> bool:  # type: ignore[override]
        return True

    @property
    def is_anonymous(self) -> bool:  # type: ignore[override]
        return False

    def __str__(self) -> str:
        return f"token {self.token.name or self.token.pk}"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Any) -> tuple[TokenUser, AccessToken] | None:
        token = bearer_token(request)
        return (TokenUser(token), token) if token else None

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="mediadash"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names it."""

    target_class = "sessions_app.api.auth.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def bearer_token(request: Any) -> AccessToken | None:
    """The token a request bears; None without one; AuthenticationFailed when it opens nothing."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = AccessToken.objects.select_related("workspace").filter(token_sha256=sha256(text.strip())).first()
    if token is None or token.revoked_at is not None:
        raise AuthenticationFailed("This token is unknown or was revoked.")
    _note_use(token)
    return token


def roles_of_request(request: Any) -> set[str]:
    """The roles behind a request, whichever way it is signed in; none for a stranger."""
    try:
        token = getattr(request, "auth", None) or bearer_token(request)
    except AuthenticationFailed:
        return set()
    if isinstance(token, AccessToken):
        return {token.role}
    return set(getattr(request, "roles", ()))


def workspace_of_request(request: Any) -> Workspace | None:
    """The workspace a request is about: the token's own, else the one chosen in the session."""
    token = getattr(request, "auth", None)
    if isinstance(token, AccessToken):
        asked = request.GET.get("workspace")
        return token.workspace if asked in (None, token.workspace.slug) else None
    return getattr(request, "workspace", None)


def _note_use(token: AccessToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > USED_EVERY_S:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)
