"""How far ahead of a reader the server may run.

Each frame sent is owed until the reader acknowledges its `seq`; beyond a number or a size nothing more is sent. Who
has owed some for two seconds does not read at all, and costs no more of what those need who do.
"""

import time
from collections import deque

MOST_FRAMES = 256
MOST_BYTES = 512 * 1024
# Pages acknowledge every twentieth frame at the latest: twice as many owed for this long is silence.
SILENT_FRAMES = 40
SILENT_S = 2.0


class Credit:
    """Frames on their way to one reader."""

    __slots__ = ("owed", "owed_bytes")

    def __init__(self) -> None:
        # (seq, bytes, when it was sent)
        self.owed: deque[tuple[int, int, float]] = deque()
        self.owed_bytes = 0

    def spend(self, seq: int, size: int) -> None:
        self.owed.append((seq, size, time.monotonic()))
        self.owed_bytes += size

    def acknowledge(self, seq: int) -> None:
        """Everything up to `seq` has been read."""
        while self.owed and self.owed[0][0] <= seq:
            self.owed_bytes -= self.owed.popleft()[1]

    @property
    def used_up(self) -> bool:
        return len(self.owed) >= MOST_FRAMES or self.owed_bytes >= MOST_BYTES or self.is_silent

    @property
    def is_silent(self) -> bool:
        if len(self.owed) < SILENT_FRAMES:
            return False
        return time.monotonic() - self.owed[SILENT_FRAMES - 1][2] > SILENT_S

    @property
    def is_ample(self) -> bool:
        """Enough is acknowledged that catching up makes sense."""
        return len(self.owed) <= MOST_FRAMES // 2 and self.owed_bytes <= MOST_BYTES // 2 and not self.is_silent
