"""Which websocket path shows what, and who gets that far: known origins first, then sign-in, then the path."""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.conf import settings
from django.urls import re_path

from sessions_app.live.consumers import board_socket, no_such_socket, session_socket
from sessions_app.live.origin import ExactOrigin

paths = [
    re_path(r"^ws/sessions/(?P<session_id>[0-9]{1,19})/?$", session_socket),  # type: ignore[arg-type]
    re_path(r"^ws/live/?$", board_socket),  # type: ignore[arg-type]
    re_path(r"", no_such_socket),  # type: ignore[arg-type]
]

websockets = ExactOrigin(AuthMiddlewareStack(URLRouter(paths)), settings.WEBSOCKET_ORIGINS)
