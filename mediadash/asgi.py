"""The one ASGI application: the ingest doors first, then websockets, then Django for pages and the REST API.

Doors stand before Django because its request cycle costs ten times what storing a small batch does.
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")

# Before anything that imports a model.
django = get_asgi_application()

from sessions_app.ingest.doors import doors, is_door  # noqa: E402
from sessions_app.live.routing import websockets  # noqa: E402


async def application(scope: Any, receive: Any, send: Any) -> None:
    match scope["type"]:
        case "http" if is_door(scope["path"]):
            await doors(scope, receive, send)
        case "http":
            await django(scope, receive, send)
        case "websocket":
            await websockets(scope, receive, send)
