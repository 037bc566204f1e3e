"""Requests turned away: counted in memory, written once a second, one row for each reason and minute.

A flood of bad requests costs the database one small statement a second.
"""

import datetime as dt
import threading
from collections import Counter
from typing import NamedTuple

from psycopg import Connection

from sessions_app.ingest import accounting
from sessions_app.ingest.exchange import Exchange

RAISE = """
UPDATE sessions_app_refusedrequest SET times = times + %s
WHERE id = (SELECT id FROM sessions_app_refusedrequest WHERE input_id IS NOT DISTINCT FROM %s AND minute = %s
    AND status = %s AND code = %s AND reason = %s AND client = %s LIMIT 1)
"""
ADD = """
INSERT INTO sessions_app_refusedrequest (times, input_id, minute, status, code, reason, client)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
# Different reasons kept apart in one second; what exceeds them is counted under one nameless client.
MOST_KINDS = 500
LONGEST_CLIENT = 120


class Refusal(NamedTuple):
    input_id: int | None
    minute: dt.datetime
    status: int
    code: str
    reason: str
    client: str


class Refusals:
    """Takes notes on the event loop, is written out by a thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.noted: Counter[Refusal] = Counter()

    def note(self, input_id: int | None, status: int, code: str, reason: str, *, client: str, now_ms: int) -> None:
        minute = dt.datetime.fromtimestamp(now_ms // 60_000 * 60, dt.UTC)
        shown = "".join(char for char in client if char.isprintable())[:LONGEST_CLIENT]
        with self.lock:
            if len(self.noted) >= MOST_KINDS:
                shown = ""
            self.noted[Refusal(input_id, minute, status, code, reason, shown)] += 1

    def flush(self, conn: Connection, writer: str) -> None:
        """Write what was noted; put it back when the database does not take it."""
        with self.lock:
            noted, self.noted = self.noted, Counter()
        try:
            with conn.transaction():
                for refusal, times in noted.items():
                    if conn.execute(RAISE, [times, *refusal]).rowcount == 0:
                        conn.execute(ADD, [times, *refusal])
                exchange = Exchange(conn)
                accounting.write(exchange, writer, counted(noted))
                exchange.flush()
        except Exception:
            with self.lock:
                self.noted.update(noted)
            raise


def counted(noted: "Counter[Refusal]") -> list[dict[str, int]]:
    """What of it belongs to known inputs, for the identity: each was received and refused."""
    sums: Counter[tuple[int, int]] = Counter()
    for refusal, times in noted.items():
        if refusal.input_id is not None:
            sums[(refusal.input_id, int(refusal.minute.timestamp()) * 1000)] += times
    nothing = dict.fromkeys(accounting.WORDS, 0)
    return [
        {**nothing, "input_id": pk, "at_ms": minute, "received": times, "refused": times}
        for (pk, minute), times in sums.items()
    ]
