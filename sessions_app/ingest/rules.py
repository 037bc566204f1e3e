"""The timeline's rules for one workspace, out of the settings."""

from functools import lru_cache

from django.conf import settings

from sessions_app.timeline.rules import Rules


@lru_cache(maxsize=256)
def rules_for(error_names: tuple[str, ...]) -> Rules:
    return Rules(
        heartbeat_timeout_ms=settings.TIMEOUT_HEARTBEAT_S * 1000,
        paused_timeout_ms=settings.TIMEOUT_PAUSED_S * 1000,
        after_content_timeout_ms=settings.TIMEOUT_AFTER_CONTENT_S * 1000,
        playing_timeout_ms=settings.TIMEOUT_PLAYING_S * 1000,
        error_names=frozenset(error_names),
    )
