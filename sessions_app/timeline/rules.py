"""What may be set about how sessions are read.

Every threshold of the timeline stands here, so that a rule is changed in one place. Changing what a rule *means*
raises `FOLD_VERSION`. A state remembers by `mark_of` which rules made it: under others it is folded again.
"""

from dataclasses import astuple, dataclass
from functools import lru_cache
from zlib import crc32

FOLD_VERSION = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """Durations in milliseconds, limits as ratios."""

    # How long silence may last before a session counts as over, by what was known of it last.
    heartbeat_timeout_ms: int = 600_000
    paused_timeout_ms: int = 1_800_000
    after_content_timeout_ms: int = 600_000
    playing_timeout_ms: int = 14_400_000
    # The longest a known duration may keep a silent session open.
    longest_wait_ms: int = 86_400_000
    # The part of the duration from which the end counts as reached.
    complete_limit: float = 0.9
    # Custom events with these names are errors; none given: every name that contains "error".
    error_names: frozenset[str] = frozenset()
    late_after_ms: int = 10_000
    # A reported playhead further than this from where it should be is a jump.
    jump_ms: int = 2_000
    slow_startup_ms: int = 5_000

    def is_error(self, name: str) -> bool:
        """Whether a custom event of this name reports an error."""
        return name in self.error_names if self.error_names else "error" in name.lower()


DEFAULT = Rules()


@lru_cache(maxsize=256)
def mark_of(rules: Rules) -> str:
    """The same for the same rules in every process, another when any of them or the fold's version differs."""
    values = [sorted(value) if isinstance(value, frozenset) else value for value in astuple(rules)]
    return f"{crc32(repr((FOLD_VERSION, values)).encode()):08x}"
