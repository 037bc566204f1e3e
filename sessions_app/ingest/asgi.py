"""The doors alone, for processes that do nothing else: docs/ingest.md, "When one process is not enough".

uvicorn sessions_app.ingest.asgi:application --workers 2 --no-access-log
"""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")
django.setup()

from mediadash.process import calm_collector  # noqa: E402
from sessions_app.ingest import runtime  # noqa: E402
from sessions_app.ingest.doors import doors  # noqa: E402

calm_collector()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await doors(scope, receive, send)


async def lifespan(receive: Any, send: Any) -> None:
    """Start with the process instead of its first request; write out what is queued when it ends."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            runtime.runtime()
            await send({"type": "lifespan.startup.complete"})
        else:
            runtime.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
