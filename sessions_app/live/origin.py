"""Which web pages may open a websocket: those whose whole origin, port and scheme included, is in the settings.

A browser sends its cookies along to any websocket any page opens, so the origin is what tells our pages from
others'. No origin means no browser; that is answered only for a program that shows a bearer token, which no page
can make a browser send.
"""

from collections.abc import Iterable
from typing import Any


class ExactOrigin:
    """Passes websockets of these origins on to `application`, and denies the rest (HTTP 403) before they open."""

    def __init__(self, application: Any, origins: Iterable[str]) -> None:
        self.application = application
        self.origins = {origin.rstrip("/").lower().encode() for origin in origins}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.is_welcome(scope["headers"]):
            await self.application(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403})

    def is_welcome(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        headers = list(headers)
        origins = [value for name, value in headers if name == b"origin"]
        if origins:
            return len(origins) == 1 and origins[0].lower() in self.origins
        return bearer_token(headers) is not None


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The token of `Authorization: Bearer TOKEN`, or None."""
    for name, value in headers:
        scheme, _, token = value.partition(b" ")
        if name == b"authorization" and scheme.lower() == b"bearer" and token.strip().isascii():
            return token.strip().decode("ascii") or None
    return None
