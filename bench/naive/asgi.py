"""As `daphne bench.naive.asgi:application` starts it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.naive.settings")
application = get_asgi_application()
