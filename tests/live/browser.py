"""A browser on a websocket, without the network: signed in as somebody, from one of our pages."""

import asyncio
import json

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings

from sessions_app.live.routing import websockets
from tests.cast import signed_in

PATIENCE_S = 5


class Browser:
    """`async with`-less on purpose: tests open, read and cut as browsers do; the fixture closes what is left."""

    def __init__(self, path, user=None, origin=settings.WEBSOCKET_ORIGINS[0], headers=()):
        self.path, self.user = path, user
        self.origin = origin
        self.headers = list(headers)
        self.socket = None

    async def open(self):
        """Connect; returns whether the handshake was accepted."""
        headers = list(self.headers)
        if self.origin is not None:
            headers.append((b"origin", self.origin.encode()))
        if self.user is not None:
            client = await sync_to_async(signed_in)(self.user)
            self.session = client.session
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}".encode()))
        self.socket = WebsocketCommunicator(websockets, self.path, headers=headers)
        accepted, _ = await self.socket.connect(timeout=PATIENCE_S)
        return accepted

    async def hello(self):
        assert await self.open()
        return await self.next()

    async def next(self):
        """The next message."""
        return await self.socket.receive_json_from(timeout=PATIENCE_S)

    async def until(self, holds):
        """Read on until a message satisfies `holds`; returns it and those before."""
        seen = []
        async with asyncio.timeout(PATIENCE_S):
            while True:
                seen.append(await self.next())
                if holds(seen[-1]):
                    return seen

    async def closed(self):
        """Read on until the server closes; returns the code."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.socket.receive_output(timeout=PATIENCE_S)
                if message["type"] == "websocket.close":
                    return message["code"]

    async def say(self, message):
        await self.socket.send_to(text_data=message if isinstance(message, str) else json.dumps(message))

    async def hears_nothing(self, seconds=0.3):
        return await self.socket.receive_nothing(timeout=seconds)

    async def leave(self):
        if self.socket is not None:
            await self.socket.disconnect(timeout=PATIENCE_S)
            self.socket = None
