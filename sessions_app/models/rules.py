"""The timeline's rules in one workspace: its error names, and the settings."""

from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

from sessions_app.timeline.rules import Rules


def rules_for(error_names: Iterable[str]) -> Rules:
    """The rules every stage folds this workspace's sessions by."""
    return _rules(frozenset(error_names))


@lru_cache(maxsize=256)
def _rules(error_names: frozenset[str]) -> Rules:
    return Rules(
        heartbeat_timeout_ms=settings.TIMEOUT_HEARTBEAT_S * 1000,
        paused_timeout_ms=settings.TIMEOUT_PAUSED_S * 1000,
        after_content_timeout_ms=settings.TIMEOUT_AFTER_CONTENT_S * 1000,
        playing_timeout_ms=settings.TIMEOUT_PLAYING_S * 1000,
        longest_wait_ms=settings.TIMEOUT_LONGEST_S * 1000,
        complete_limit=settings.COMPLETE_LIMIT_PERCENT / 100,
        late_after_ms=settings.LATE_AFTER_S * 1000,
        jump_ms=settings.PLAYHEAD_JUMP_MS,
        slow_startup_ms=settings.SLOW_STARTUP_MS,
        error_names=error_names,
    )
