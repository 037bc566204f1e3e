"""Configuration, identity and statistics passed on to mParticle, for clients that reach it through a CNAME of ours.

As soon as the workspace has a destination that is switched on: a page's request goes under the destination's key, a
phone's only when its own key is the destination's, because its signature fits no other. Where it goes is fixed by the
door and by the destination's pod, never by a request. Whatever goes wrong, within two seconds, means that we answer
ourselves.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import cache
from ssl import SSLContext
from urllib.parse import quote

import httpx
import structlog
from django.conf import settings

from sessions_app.ingest.answers import Answer
from sessions_app.ingest.inputs import KnownInput
from sessions_app.ingest.routes import Kind, Route

log = structlog.get_logger(__name__)

# A destination's address names its pod: https://s2s.us2.mparticle.com.
POD = re.compile(r"https://s2s\.((?:[a-z]{2}[0-9]\.)?mparticle\.com)")
# The configuration comes from a delivery network that has no pods.
WITHOUT_POD = frozenset({"jssdkcdns", "config2"})
DEADLINE_S = 2.0
LONGEST_ANSWER = 1024 * 1024
MOST_AT_ONCE = 32
# What mParticle decides its answer by, and what a client's signature covers.
PASSED_HEADERS = (
    b"accept", b"content-type", b"date", b"user-agent", b"x-mp-bundled-kits", b"x-mp-env", b"x-mp-kits",
    b"x-mp-signature",
)  # fmt: skip
QUERY = re.compile(rb"[-A-Za-z0-9=&%._~+]{1,512}")
# How long a page may keep an answer of identity; it may only read what it is shown.
MAX_AGE = b"x-mp-max-age"


class Underway:
    """How many are on their way from this process."""

    count = 0


async def passed_on(
    route: Route, source: KnownInput, headers: Mapping[bytes, bytes], *, body: bytes = b"", query: bytes = b""
) -> Answer | None:
    """What mParticle answers; None when it is not asked, or does not answer well and soon."""
    asked = address(route, source, query) if settings.CNAME_PASS_THROUGH else ""
    if not asked or Underway.count >= MOST_AT_ONCE:
        return None
    Underway.count += 1
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await ask(route, asked, headers_for(source, headers), body)
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        log.warning("ingest_pass_through_failed", door=route.kind.value, error=repr(error)[:200])
        return None
    finally:
        Underway.count -= 1


def address(route: Route, source: KnownInput, query: bytes = b"") -> str:
    """mParticle's place for what was asked of this door; "" when this input's requests stay here."""
    if not source.passed_on_key:
        return ""
    pod = POD.fullmatch(source.passed_on_url)
    if pod is not None:
        base = f"https://{route.host}.{'mparticle.com' if route.host in WITHOUT_POD else pod[1]}"
    elif source.passed_on_url in settings.FORWARDING_ALLOWED_URLS:
        base = source.passed_on_url.rstrip("/")
    else:
        return ""
    path = route.place.replace("{key}", quote(source.passed_on_key, safe="")).replace(
        "{mpid}", quote(route.mpid, safe="")
    )
    return f"{base}{path}?{query.decode()}" if QUERY.fullmatch(query) else base + path


def headers_for(source: KnownInput, headers: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    passed = {name: headers[name] for name in PASSED_HEADERS if name in headers}
    return {**passed, b"x-mp-key": source.passed_on_key.encode(), b"accept-encoding": b"identity"}


async def ask(route: Route, address: str, headers: dict[bytes, bytes], body: bytes) -> Answer | None:
    method = "GET" if route.kind is Kind.CONFIG else "POST"
    client = httpx.AsyncClient(verify=tls(), trust_env=False, follow_redirects=False, timeout=DEADLINE_S)
    async with client, client.stream(method, address, headers=headers, content=body or None) as response:
        if not 200 <= response.status_code < 300:
            return None
        answer = b""
        async for part in response.aiter_raw():
            answer += part
            if len(answer) > LONGEST_ANSWER:
                return None
        return Answer(response.status_code, answer or b"{}", shown(response.headers))


def shown(headers: httpx.Headers) -> tuple[tuple[bytes, bytes], ...]:
    age = headers.get(MAX_AGE.decode(), "")
    return ((MAX_AGE, age.encode()), (b"access-control-expose-headers", MAX_AGE)) if age.isdigit() else ()


@cache
def tls() -> SSLContext:
    """Made once: reading the certificates takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)
