"""Whose request it is and whether it may come in: each door asks for its own proof.

A key that is not found or does not fit is looked up once more in a fresh snapshot before it is refused, so that an
input works the moment it is made and a wrong secret costs what an unknown key costs.
"""

import base64
import binascii
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest

from sessions_app.ingest.answers import ASK_BASIC, RefusedError
from sessions_app.ingest.inputs import KnownInput, with_secret
from sessions_app.ingest.routes import Kind, Route
from sessions_app.wire import signature

Headers = Mapping[bytes, bytes]
Snapshot = Mapping[str, KnownInput]
# Gives the inputs as they were not before a moment of the monotonic clock; None: as they were lately.
Inputs = Callable[[float | None], Awaitable[Snapshot]]

WEB, SIGNING = "web", frozenset({"android", "ios", "roku"})


async def admit(route: Route, headers: Headers, inputs: Inputs) -> KnownInput:
    """The input whose request this is; RefusedError when it proves nothing."""
    look_up, arrived = LOOK_UPS.get(route.kind, by_web_key), time.monotonic()
    try:
        return look_up(route, headers, await inputs(None))
    except RefusedError as error:
        if error.status == 401:
            raise
    return look_up(route, headers, await inputs(arrived))


def by_basic(route: Route, headers: Headers, snapshot: Snapshot) -> KnownInput:
    key, secret = basic_credentials(headers.get(b"authorization"))
    found = with_secret(snapshot, key, secret)
    if found is None:
        raise RefusedError(403, "FORBIDDEN", "The key or the secret is wrong.")
    return found


def basic_credentials(header: bytes | None) -> tuple[str, bytes]:
    scheme, _, encoded = (header or b"").strip().partition(b" ")
    if scheme.lower() != b"basic" or not encoded.strip():
        raise RefusedError(401, "UNAUTHORIZED", "Send Authorization: Basic with key and secret.", ASK_BASIC)
    try:
        key, _, secret = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        raise RefusedError(403, "FORBIDDEN", "The Authorization header is not valid base64.") from None
    return key.decode("utf-8", "replace"), secret


def by_web_key(route: Route, headers: Headers, snapshot: Snapshot) -> KnownInput:
    """The web's doors: the key alone, from an origin on its list when it has one."""
    key = route.key or headers.get(b"x-mp-key", b"").decode("latin-1")
    found = snapshot.get(key)
    if found is None:
        raise RefusedError(403, "FORBIDDEN", "No input has this key.")
    if route.kind is Kind.WEB and found.platform != WEB:
        raise RefusedError(403, "FORBIDDEN", f"This key is for {found.platform}: this door takes keys of web inputs.")
    origin = headers.get(b"origin", b"").decode("latin-1")
    if found.origins and route.kind is Kind.WEB and origin not in found.origins:
        raise RefusedError(403, "FORBIDDEN", "This key does not take events from this origin.")
    return found


def by_native_key(route: Route, headers: Headers, snapshot: Snapshot) -> KnownInput:
    """The phones' door; the signature is checked when the body is unpacked. 400 is the one refusal Roku drops."""
    found = snapshot.get(route.key)
    if found is None:
        raise RefusedError(400, "FORBIDDEN", "No input has this key.")
    if not found.signature_required and found.platform not in SIGNING:
        raise RefusedError(400, "FORBIDDEN", f"This key is for {found.platform}: this door takes keys of native SDKs.")
    if found.signature_required and not headers.get(b"x-mp-signature"):
        raise RefusedError(400, "UNAUTHORIZED", "The request carries no x-mp-signature.")
    return found


async def signer(source: KnownInput, headers: Headers, body: bytes, inputs: Inputs) -> KnownInput:
    """The input as the one that signed the unpacked body; its secret may have been renewed a moment ago."""
    if not source.signature_required or is_signed_by(source, headers, body):
        return source
    fresh = (await inputs(time.monotonic())).get(source.key)
    if fresh is None or not is_signed_by(fresh, headers, body):
        raise RefusedError(400, "FORBIDDEN", "The signature does not fit the body.")
    return fresh


def is_signed_by(source: KnownInput, headers: Headers, body: bytes) -> bool:
    """Whether the unpacked body was signed with this input's secret."""
    secret = source.signing_secret()
    date = headers.get(b"date", b"").decode("latin-1")
    given = headers.get(b"x-mp-signature", b"").decode("latin-1")
    return secret is not None and signature.is_signed(secret, date, source.key, body, given)


def by_webhook_header(route: Route, headers: Headers, snapshot: Snapshot) -> KnownInput:
    """mParticle's webhook sends whatever Authorization its customer typed in; by default we ask for the secret."""
    given = headers.get(b"authorization", b"").strip()
    if not given:
        raise RefusedError(401, "UNAUTHORIZED", "The request carries no Authorization header.", ASK_BASIC)
    found = snapshot.get(route.key)
    if found is not None and found.webhook_authorization_sha256 is not None:
        fits = compare_digest(hashlib.sha256(given).digest(), found.webhook_authorization_sha256)
    else:
        secret = given.partition(b" ")[2].strip() or given
        fits = with_secret(snapshot, route.key, secret) is not None
        if not fits and given[:6].lower() == b"basic ":
            key, secret = basic_credentials(given)
            fits = key == route.key and with_secret(snapshot, key, secret) is not None
    if found is None or not fits:
        raise RefusedError(403, "FORBIDDEN", "The key or the Authorization header is wrong.")
    return found


LOOK_UPS = {Kind.SERVER: by_basic, Kind.NATIVE: by_native_key, Kind.WEBHOOK: by_webhook_header}
