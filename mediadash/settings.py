"""Every setting of mediadash, from the environment; docs/settings.md explains each.

Without any variable set this is the embedded default: Postgres and Valkey from wheels, data in `.mediadash/`.
"""

import os
from datetime import timedelta
from typing import Any

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mediadash import places
from mediadash.environment import env_bool, env_int, env_list, env_text, kept_secret

BASE_DIR = places.REPOSITORY
MEDIADASH_HOME = places.home()

# --- who we are on the network -----------------------------------------------------------------------------------
HOST = env_text("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000, at_least=1, at_most=65535)
# Where browsers find us. https here turns on secure cookies, HSTS and the __Host- cookie name.
PUBLIC_URL = env_text("PUBLIC_URL", f"http://{'127.0.0.1' if HOST == '0.0.0.0' else HOST}:{PORT}").rstrip("/")  # noqa: S104
if not PUBLIC_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("PUBLIC_URL must begin with http:// or https://")
HTTPS = PUBLIC_URL.startswith("https://")
_public_host = PUBLIC_URL.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", _public_host])
# Full origins a browser's websocket may come from; the port counts.
_local_origins = [f"http://{name}:{PORT}" for name in ("localhost", "127.0.0.1", "[::1]")]
WEBSOCKET_ORIGINS = env_list("WEBSOCKET_ORIGINS", [PUBLIC_URL, *([] if HTTPS else _local_origins)])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Peers whose X-Forwarded-For and X-Forwarded-Proto are believed.
TRUSTED_PROXIES = env_list("TRUSTED_PROXIES", [])

SECRET_KEY = kept_secret("SECRET_KEY", MEDIADASH_HOME / "secret_key")
# Encrypts the secrets that must be read back (native SDK keys, destinations). First one encrypts, all decrypt.
ENCRYPTION_KEYS = env_list("ENCRYPTION_KEYS", [kept_secret("ENCRYPTION_KEY", MEDIADASH_HOME / "encryption_key")])
DEBUG = env_bool("DEBUG", False)
if DEBUG and HTTPS:
    raise ImproperlyConfigured("DEBUG=1 shows source code to strangers: not with an https PUBLIC_URL.")

# --- what is installed -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "django_filters",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "sessions_app",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "sessions_app.web.middleware.CrossOriginHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_app.web.middleware.CurrentWorkspace",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "mediadash.urls"
ASGI_APPLICATION = "mediadash.asgi.application"
# A POST redirected to a slash loses its body.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sessions_app.web.context.shell",
            ],
            "builtins": ["django.templatetags.static", "sessions_app.web.words"],
        },
    }
]

# --- database ----------------------------------------------------------------------------------------------------
EMBEDDED_POSTGRES = "DATABASE_URL" not in os.environ
DATABASES = {"default": places.database()}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),  # type: ignore[dict-item]
    # Under ASGI each sync request runs in its own thread; without a pool a busy minute exhausts Postgres.
    "pool": {"min_size": 0, "max_size": env_int("DATABASE_POOL", 10, at_least=1), "timeout": 2},
    "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=15000 -c lock_timeout=5000",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Valkey: hints only ------------------------------------------------------------------------------------------
EMBEDDED_VALKEY = "REDIS_URL" not in os.environ
REDIS_URL, CELERY_BROKER_URL = places.redis_urls()
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py 8 closes a socket that was silent for 5 s; a quiet channel layer must stay open.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 1}]},
    }
}

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": True,
}
CELERY_TASK_TIME_LIMIT = 300
CELERY_TIMEZONE = "UTC"

# --- signing in --------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "live"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "sessions_app.web.views.locked_out"
AXES_IPWARE_PROXY_COUNT = None
AXES_IPWARE_META_PRECEDENCE_ORDER = ["REMOTE_ADDR"]

SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_S = env_int("SESSION_IDLE_S", 30 * 60, at_least=60)
CSRF_FAILURE_VIEW = "sessions_app.web.errors.csrf_failure"

SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- static files ------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = MEDIADASH_HOME / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static", ("uplot", BASE_DIR / "node_modules" / "uplot" / "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "mediadash.staticfiles.ModuleStorage"},
}
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS = [
    # node_modules is there after `npm ci`; the server runs without the charts' library too.
    "staticfiles.W004",
    # TLS ends at the proxy in front; it redirects, we set HSTS when PUBLIC_URL is https.
    "security.W008",
    *([] if HTTPS else ["security.W004", "security.W012", "security.W016"]),
]

# --- REST API ----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "sessions_app.api.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["sessions_app.api.permissions.RolePermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "sessions_app.api.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "sessions_app.api.problems.handler",
    "NUM_PROXIES": 0,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "mediadash",
    "DESCRIPTION": "Media sessions, their timelines, numbers, exports and forwarding; and the ingest doors.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # What must not be empty in a request may be in an answer.
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sessions_app.api.door_schema.add_doors",
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- what mediadash itself can be told ---------------------------------------------------------------------------
# Door limits, bytes after unpacking.
WEB_DOOR_MAX_BYTES = env_int("WEB_DOOR_MAX_BYTES", 2 * 1024 * 1024, at_least=1024)
DOOR_MAX_BYTES = env_int("DOOR_MAX_BYTES", 256 * 1024, at_least=1024)
BULK_MAX_BATCHES = env_int("BULK_MAX_BATCHES", 100, at_least=1)
# Batches a second one key may send, sustained; twice that at once.
KEY_RATE_PER_S = env_int("KEY_RATE_PER_S", 2000, at_least=1)
INGEST_WRITERS = env_int("INGEST_WRITERS", 1, at_least=1, at_most=8)
# Two where there are two cores: Python uses one of them in each process.
WEB_PROCESSES = env_int("WEB_PROCESSES", min(2, len(os.sched_getaffinity(0))), at_least=1, at_most=32)
WORKER_PROCESSES = env_int("WORKER_PROCESSES", 2, at_least=1, at_most=64)
# When a silent session is over (docs/metrics.md, "Endings").
TIMEOUT_HEARTBEAT_S = env_int("TIMEOUT_HEARTBEAT_S", 600, at_least=1)
TIMEOUT_PAUSED_S = env_int("TIMEOUT_PAUSED_S", 1800, at_least=1)
TIMEOUT_AFTER_CONTENT_S = env_int("TIMEOUT_AFTER_CONTENT_S", 600, at_least=1)
TIMEOUT_PLAYING_S = env_int("TIMEOUT_PLAYING_S", 4 * 3600, at_least=1)
TIMEOUT_LONGEST_S = env_int("TIMEOUT_LONGEST_S", 24 * 3600, at_least=1)
# From where on the timeline calls something complete, late, a jump or slow; after a change `manage.py refold`.
COMPLETE_LIMIT_PERCENT = env_int("COMPLETE_LIMIT_PERCENT", 90, at_least=1, at_most=100)
LATE_AFTER_S = env_int("LATE_AFTER_S", 10, at_least=1)
PLAYHEAD_JUMP_MS = env_int("PLAYHEAD_JUMP_MS", 2_000, at_least=1)
SLOW_STARTUP_MS = env_int("SLOW_STARTUP_MS", 5_000, at_least=1)
# Below this much free disk the doors answer 503 rather than let Postgres stop.
DISK_FLOOR_MB = env_int("DISK_FLOOR_MB", 256)
# How long each kind of row is kept, in days.
RAW_RETENTION_DAYS = env_int("RAW_RETENTION_DAYS", 30, at_least=1)
EVENT_RETENTION_DAYS = env_int("EVENT_RETENTION_DAYS", 120, at_least=1)
SUMMARY_RETENTION_DAYS = env_int("SUMMARY_RETENTION_DAYS", 400, at_least=1)
QUARANTINE_RETENTION_DAYS = env_int("QUARANTINE_RETENTION_DAYS", 30, at_least=1)
AUDIT_RETENTION_DAYS = env_int("AUDIT_RETENTION_DAYS", 730, at_least=1)
EXPORT_FOLDER = MEDIADASH_HOME / "exports"
EXPORT_KEEP_HOURS = env_int("EXPORT_KEEP_HOURS", 72, at_least=1)
# Destinations outside mParticle's own pods that may be forwarded to, e.g. http://127.0.0.1:9400 for the sandbox.
FORWARDING_ALLOWED_URLS = env_list("FORWARDING_ALLOWED_URLS", [])
# Whether configuration, identity and statistics go on to mParticle once a workspace has a destination.
CNAME_PASS_THROUGH = env_bool("CNAME_PASS_THROUGH", True)
FORWARDING_WINDOW_H = env_int("FORWARDING_WINDOW_H", 72, at_least=1)
# Where workers reach our own doors: replays go in there.
INGEST_URL = env_text("INGEST_URL", f"http://{'127.0.0.1' if HOST == '0.0.0.0' else HOST}:{PORT}").rstrip("/")  # noqa: S104
STORE_CLIENT_ADDRESS = env_bool("STORE_CLIENT_ADDRESS", False)

USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# --- logs: JSON lines, control characters escaped; LOG_FORMAT=text for people at a terminal ---------------------------
LOG_LEVEL = env_text("LOG_LEVEL", "INFO")
LOG_FORMAT = env_text("LOG_FORMAT", "json")
if LOG_FORMAT not in ("json", "text"):
    raise ImproperlyConfigured("LOG_FORMAT must be json or text.")
_shared_processors: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*_shared_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
# Plain tracebacks: a frame's variables may hold a secret, and there are thousands of lines of them.
LOG_RENDERERS: dict[str, list[Any]] = {
    "text": [
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback)
    ],
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
}
_render = LOG_RENDERERS["json" if LOG_FORMAT == "json" else "text"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared_processors,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_render],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
