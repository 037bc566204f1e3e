"""What a writer remembers between transactions, so as not to tell the database again what it told it before.

Everything here is a shortcut: forgetting any of it costs a statement that changes nothing. What a transaction learns
is kept only once it has committed.
"""

import datetime as dt
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any


class Lru:
    """A bounded set of what was used last."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: OrderedDict[Hashable, Any] = OrderedDict()
        self.learned: dict[Hashable, Any] = {}

    def get(self, key: Hashable) -> Any:
        found = self.kept.get(key)
        if found is not None:
            self.kept.move_to_end(key)
            return found
        return self.learned.get(key)

    def learn(self, key: Hashable, value: Any = True) -> None:
        self.learned[key] = value

    def keep(self) -> None:
        self.kept.update(self.learned)
        self.learned.clear()
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)


class Memory:
    """One writer's memory; `name` is the writer's own in the counts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sessions = Lru(50_000)
        self.identities = Lru(50_000)
        self.seen_on = Lru(100_000)
        # Decoded folds by session id: (the bytes it was decoded from, state). Others write folds too.
        self.folds = Lru(2_000)
        self.raw_ids: deque[int] = deque()
        self.erased: dict[int, frozenset[bytes]] = {}
        self.newest_tombstone = -1
        # Until when known events are reckoned with (monotonic clock).
        self.cautious_until = float("-inf")
        self.quota_day: dt.date | None = None
        self.quotas: dict[int, list[int]] = {}

    def quota(self, today: dt.date, input_id: int, load: Callable[[int], Any]) -> list[int]:
        """[rows, bytes] an input has in quarantine today; loaded once a day, counted on in memory."""
        if today != self.quota_day:
            self.quota_day, self.quotas = today, {}
        if input_id not in self.quotas:
            rows, size = load(input_id)
            self.quotas[input_id] = [rows, int(size)]
        return self.quotas[input_id]

    @property
    def parts(self) -> tuple[Lru, ...]:
        return self.sessions, self.identities, self.seen_on, self.folds

    def committed(self) -> None:
        for part in self.parts:
            part.keep()

    def rolled_back(self) -> None:
        for part in self.parts:
            part.learned.clear()
