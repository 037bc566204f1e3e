"""Configuration, identity and statistics passed on to mParticle, for pages that reach it through a CNAME of ours.

Only when the operator says so (`CNAME_PASS_THROUGH`), for web inputs whose workspace has a destination that is switched
on, and with that destination's key. Where it goes is fixed here or by the operator, never by a request. Whatever goes
wrong, within two seconds, means that we answer ourselves.
"""

import asyncio
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

OFF, MPARTICLE = "off", "mparticle"
HOSTS = {
    Kind.CONFIG: "https://jssdkcdns.mparticle.com",
    Kind.IDENTITY: "https://identity.mparticle.com",
    Kind.SWALLOW: "https://jssdks.mparticle.com",
}
DEADLINE_S = 2.0
LONGEST_ANSWER = 1024 * 1024
MOST_AT_ONCE = 32
WEB = "web"


class Underway:
    """How many are on their way from this process."""

    count = 0


async def passed_on(route: Route, source: KnownInput, body: bytes = b"") -> Answer | None:
    """What mParticle answers; None when it is not asked, or does not answer well and soon."""
    if settings.CNAME_PASS_THROUGH == OFF or source.platform != WEB or not source.passed_on_key:
        return None
    if Underway.count >= MOST_AT_ONCE:
        return None
    Underway.count += 1
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await ask(route, source.passed_on_key, body)
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        log.warning("ingest_pass_through_failed", door=route.kind.value, error=repr(error)[:200])
        return None
    finally:
        Underway.count -= 1


async def ask(route: Route, key: str, body: bytes) -> Answer | None:
    method = "GET" if route.kind is Kind.CONFIG else "POST"
    headers = {"x-mp-key": key, "content-type": "application/json", "accept-encoding": "identity"}
    client = httpx.AsyncClient(verify=tls(), trust_env=False, follow_redirects=False, timeout=DEADLINE_S)
    async with client, client.stream(method, address(route, key), headers=headers, content=body or None) as response:
        if not 200 <= response.status_code < 300:
            return None
        answer = b""
        async for part in response.aiter_raw():
            answer += part
            if len(answer) > LONGEST_ANSWER:
                return None
        return Answer(response.status_code, answer or b"{}")


def address(route: Route, key: str) -> str:
    """mParticle's place for what was asked of this door."""
    host = HOSTS[route.kind] if settings.CNAME_PASS_THROUGH == MPARTICLE else settings.CNAME_PASS_THROUGH.rstrip("/")
    key = quote(key, safe="")
    if route.kind is Kind.CONFIG:
        return f"{host}/JS/v2/{key}/config"
    if route.kind is Kind.IDENTITY:
        return f"{host}/v1/{quote(route.mpid, safe='')}/modify" if route.mpid else f"{host}/v1/{route.action}"
    return f"{host}/v1/identity/{key}/Alias" if route.action == "alias" else f"{host}/v1/JS/{key}/Forwarding"


@cache
def tls() -> SSLContext:
    """Made once: reading the certificates takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)
