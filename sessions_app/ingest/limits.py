"""The back-pressure ladder: a bucket per key, what is in flight, how long commits take, the disk's floor.

Each step answers with the whole seconds after which to come again, or None. All of it is in this process's memory.
"""

import os
import random
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

# Requests and bytes that may wait for a commit in one process.
MOST_WAITING = 512
MOST_WAITING_BYTES = 64 * 1024 * 1024
# A group this slow, with this many waiting behind it, means that waiting longer helps nobody.
SLOW_COMMIT_S = 0.5
SLOW_FOR_S = 5
WAITING_WHEN_SLOW = 32
MOST_KEYS = 10_000


def retry_after() -> int:
    """1 to 5 seconds: always given, whole and small, never the same for everybody."""
    return random.randint(1, 5)  # noqa: S311


class Buckets:
    """A token bucket per key: `rate` a second, sustained; twice that at once."""

    def __init__(self) -> None:
        self.buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def take(self, key: int, rate: float, now: float, tokens: int = 1) -> bool:
        """False when the bucket is empty. A request larger than what is left may overdraw it once."""
        level, since = self.buckets.get(key, (2 * rate, now))
        level = min(2 * rate, level + (now - since) * rate)
        allowed = level >= 1
        self.buckets[key] = (level - tokens if allowed else level, now)
        self.buckets.move_to_end(key)
        if len(self.buckets) > MOST_KEYS:
            self.buckets.popitem(last=False)
        return allowed


class Load:
    """How much is under way in this process."""

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0

    def add(self, size: int) -> None:
        self.requests += 1
        self.bytes += size

    def remove(self, size: int) -> None:
        self.requests -= 1
        self.bytes -= size

    def is_full(self) -> bool:
        return self.requests >= MOST_WAITING or self.bytes >= MOST_WAITING_BYTES

    def is_too_much(self, took: Iterable[tuple[float, float]], now: float) -> bool:
        if self.is_full():
            return True
        return self.requests >= WAITING_WHEN_SLOW and commits_are_slow(took, now)


def commits_are_slow(took: Iterable[tuple[float, float]], now: float) -> bool:
    """Whether the slowest twentieth of the last seconds' commits is over the line."""
    lately = sorted(seconds for at, seconds in took if now - at < SLOW_FOR_S)
    return len(lately) >= 4 and lately[-1 - len(lately) // 20] > SLOW_COMMIT_S


class DiskFloor:
    """Whether the disk of our data folder has room: Postgres stops for good when its log has none."""

    def __init__(self, folder: Path, floor_mb: int) -> None:
        self.folder, self.floor = folder, floor_mb * 1024 * 1024
        self.asked_at = 0.0
        self.is_low = False

    def reached(self, now: float) -> bool:
        if now - self.asked_at >= 1:
            self.asked_at = now
            try:
                disk = os.statvfs(self.folder)
                self.is_low = disk.f_bavail * disk.f_frsize < self.floor
            except OSError:  # the folder is not on this machine: nothing to say about it
                self.is_low = False
        return self.is_low


def now() -> float:
    return time.monotonic()
