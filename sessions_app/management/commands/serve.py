"""`manage.py serve`: one web process. `manage.py up` starts these; under another supervisor, as many as you like."""

import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Serves the ASGI application with Daphne inside our runner."""

    help = "Serve HTTP and websockets on HOST:PORT, or on a listening socket inherited as a file descriptor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fd", type=int, help="a listening socket inherited from the supervisor")

    def handle(self, *args: Any, **options: Any) -> None:
        from mediadash.listening import listen
        from mediadash.process import calm_collector
        from mediadash.server import Server

        os.environ["MEDIADASH_SERVING"] = "1"
        from channels.layers import get_channel_layer

        from mediadash.asgi import application
        from sessions_app.ingest import runtime
        from sessions_app.ingest.body import too_large_status

        # Importing the layer takes long enough to be felt by the first request that would cause it.
        get_channel_layer()
        calm_collector()
        if options["fd"] is not None:
            listening = socket.socket(fileno=options["fd"])
        else:
            listening = listen(settings.HOST, settings.PORT)
            self.stdout.write(f"listening on http://{settings.HOST}:{settings.PORT}")
        try:
            server = Server(application, max_body_bytes=settings.WEB_DOOR_MAX_BYTES, too_large_status=too_large_status)
            server.serve(listening)
        finally:
            # Nobody is answered any more: write out what is queued while threads may still be started.
            runtime.stop()
