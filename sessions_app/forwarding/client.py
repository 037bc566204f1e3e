"""One request to a destination, and what came back as a `retry.Answer`. What a network may do never raises.

Ten seconds for everything, 64 kB of answer at most, no redirects, no proxies out of the environment, nothing
unpacked. Every secret in the answer's text is masked and the text cut to a kilobyte before anybody keeps it.
"""

import asyncio
import base64
import contextlib
import ssl
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import httpx

from sessions_app.forwarding.addresses import AddressRefusedError, Target, target
from sessions_app.forwarding.retry import Answer

DEADLINE_S = 10.0
# The status line has come; the rest only explains it.
ANSWER_TEXT_S = 2.0
LONGEST_ANSWER = 64 * 1024
KEPT_OF_ANSWER = 1024
MASK = "•••"
EVENTS = "/v2/events"
HISTORICAL = "/v2/bulkevents/historical"


@cache
def tls() -> ssl.SSLContext:
    """Made once a process: reading the certificates takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


class Client:
    """Speaks to one destination with one key; open it with `async with`."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self.url = url
        self.authorization = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()
        self.secrets = (self.authorization, self.authorization.removeprefix("Basic "), secret, key)
        self.target: Target | None = None
        self.http = httpx.AsyncClient(
            verify=tls(),
            follow_redirects=False,
            trust_env=False,
            timeout=DEADLINE_S,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=20),
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.http.aclose()

    async def send(self, body: bytes) -> Answer:
        """Post one frozen batch; what went wrong on the way is told as an answer without a status."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await self.post(body)
        except TimeoutError:
            answer = Answer(None, f"no whole answer within {DEADLINE_S:.0f} s")
        except AddressRefusedError as error:
            answer = Answer(None, str(error), is_refused_address=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            answer = Answer(None, masked(f"{type(error).__name__}: {error}", self.secrets))
        return replace(answer, took_ms=round((time.monotonic() - started) * 1000))

    async def post(self, body: bytes) -> Answer:
        if self.target is None:
            self.target = await asyncio.to_thread(target, self.url)
        headers = {
            "Host": self.target.host,
            "Authorization": self.authorization,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "mediadash",
        }
        # A historical batch travels as a list of one.
        path = HISTORICAL if body.startswith(b"[") else EVENTS
        request = self.http.build_request(
            "POST",
            self.target.url + path,
            content=body,
            headers=headers,
            extensions={"sni_hostname": self.target.server_name},
        )
        response = await self.http.send(request, stream=True)
        try:
            return await self.read(response)
        finally:
            await response.aclose()

    async def read(self, response: httpx.Response) -> Answer:
        text = b""
        # The status line is the answer; an acceptance that breaks off in its body is still one.
        with contextlib.suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(ANSWER_TEXT_S):
                async for chunk in response.aiter_raw():
                    text += chunk
                    if len(text) > LONGEST_ANSWER:
                        break
        shown = masked(text[:LONGEST_ANSWER].decode("utf-8", "replace").replace("\x00", "�"), self.secrets)
        return Answer(
            response.status_code,
            retry_after=response.headers.get("Retry-After"),
            limit_used_percent=whole(response.headers.get("X-mp-rate-limit-percentage-used")),
            text=shown[:KEPT_OF_ANSWER],
        )


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced; the longest first, so that no part of one stays."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def whole(text: str | None) -> int | None:
    return int(text[:6]) if text and text.isascii() and text.isdigit() else None
