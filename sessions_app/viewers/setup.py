"""Makes workspaces, inputs and tokens: what the commands, the admin API and the demo share.

Secrets leave this module once, in the return value; what is stored is their SHA-256 and, for native SDKs,
which sign with the secret itself, an encrypted copy.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from mediadash import crypto
from sessions_app.models import AccessToken, Input, Workspace
from sessions_app.models.workspaces import Platform

# These SDKs sign each request with the secret, so it must be readable again.
SIGNING_PLATFORMS = frozenset({Platform.ANDROID.value, Platform.IOS.value, Platform.ROKU.value})

BROUGHT_KEY = re.compile(r"^[-_A-Za-z0-9]{8,64}$", re.ASCII)
SHORTEST_SECRET = 16


@dataclass(frozen=True)
class MadeInput:
    """A new input with its secret in the clear: shown once."""

    input: Input
    secret: str


def workspace_named(slug: str, name: str = "") -> Workspace:
    """The workspace with this slug, made when missing."""
    workspace, _ = Workspace.objects.get_or_create(
        slug=slug, defaults={"name": name or slug.replace("-", " ").replace("_", " ").capitalize()}
    )
    return workspace


class BroughtKeyError(ValueError):
    """A key that was brought along cannot be an input's; the message says why, `field` which half of it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def make_input(
    workspace: Workspace, name: str, platform: str = Platform.SERVER.value, *, key: str = "", secret: str = ""
) -> MadeInput:
    """A new input with a new key and secret, or with those that apps in the field have from mParticle already."""
    if key or secret:
        check_brought(platform, key, secret)
    made = Input(workspace=workspace, name=name, platform=platform, key=key or new_key())
    return MadeInput(made, renew_secret(made, secret))


def check_brought(platform: str, key: str, secret: str) -> None:
    """Raise BroughtKeyError unless this key, and its secret where it has one, can be an input's."""
    if not BROUGHT_KEY.fullmatch(key):
        raise BroughtKeyError("key", "A key has 8 to 64 letters, digits, dashes and underscores.")
    if Input.objects.filter(key=key).exists():
        raise BroughtKeyError("key", "An input has this key already.")
    if not secret and platform in SIGNING_PLATFORMS:
        raise BroughtKeyError("secret", "The SDK signs with the secret that belongs to this key: it is needed.")
    if secret and len(secret) < SHORTEST_SECRET:
        raise BroughtKeyError("secret", f"A secret has at least {SHORTEST_SECRET} characters.")


def renew_secret(feed: Input, secret: str = "") -> str:
    """Give an input a new secret, save it, and return the secret: the old one opens nothing any more."""
    secret = secret or secrets.token_urlsafe(32)
    feed.secret_sha256 = sha256(secret)
    feed.secret_encrypted = crypto.encrypt(secret) if feed.platform in SIGNING_PLATFORMS else None
    feed.save()
    return secret


def make_token(workspace: Workspace, role: str, name: str = "") -> tuple[AccessToken, str]:
    """A new bearer token for the REST API, and its text: shown once."""
    text = "mdt_" + secrets.token_urlsafe(32)
    token = AccessToken.objects.create(workspace=workspace, role=role, name=name, token_sha256=sha256(text))
    return token, text


def new_key() -> str:
    """A key as mParticle's look: a pod, a dash, 32 hex digits."""
    return "us1-" + secrets.token_hex(16)


def sha256(text: str) -> bytes:
    # 256 random bits need no slow hash (OWASP ASVS 6.5.2).
    return hashlib.sha256(text.encode()).digest()
