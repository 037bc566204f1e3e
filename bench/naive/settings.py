"""The least a Django REST project needs, on the database named in NAIVE_DATABASE."""

import json
import os

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["rest_framework", "bench.naive"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "bench.naive.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **json.loads(os.environ["NAIVE_DATABASE"]),
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 20, "timeout": 120}},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "DEFAULT_AUTHENTICATION_CLASSES": []}
USE_TZ = True
