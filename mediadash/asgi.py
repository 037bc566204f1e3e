"""The one ASGI application: doors before Django, Django for pages and the API, Channels for websockets."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")

application = get_asgi_application()
