"""How far ahead of a reader the server may run. Pure.

Each frame sent is owed until the reader acknowledges its `seq`; beyond a number or a size nothing more is sent.
"""

from collections import deque

MOST_FRAMES = 256
MOST_BYTES = 512 * 1024


class Credit:
    """Frames on their way to one reader."""

    __slots__ = ("owed", "owed_bytes")

    def __init__(self) -> None:
        self.owed: deque[tuple[int, int]] = deque()
        self.owed_bytes = 0

    def spend(self, seq: int, size: int) -> None:
        self.owed.append((seq, size))
        self.owed_bytes += size

    def acknowledge(self, seq: int) -> None:
        """Everything up to `seq` has been read."""
        while self.owed and self.owed[0][0] <= seq:
            self.owed_bytes -= self.owed.popleft()[1]

    @property
    def used_up(self) -> bool:
        return len(self.owed) >= MOST_FRAMES or self.owed_bytes >= MOST_BYTES

    @property
    def is_ample(self) -> bool:
        """Enough is acknowledged that catching up makes sense."""
        return len(self.owed) <= MOST_FRAMES // 2 and self.owed_bytes <= MOST_BYTES // 2
