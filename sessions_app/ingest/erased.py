"""Erased viewers stay erased: batches that carry a tombstoned identity are dropped inside the transaction.

The tombstones are read again only when a new one has been laid, which each transaction asks for on its way.
"""

from collections import defaultdict

from django.conf import settings
from psycopg import Connection

from sessions_app.ingest.exchange import Answer, Exchange, Statement
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.received import Received
from sessions_app.keys import erased_key
from sessions_app.wire.batch import Batch

NEWEST = Statement("SELECT coalesce(max(id), 0) FROM sessions_app_tombstone")
ALL = "SELECT id, workspace_id, identity_hmac FROM sessions_app_tombstone"
ERASED = "ERASED_VIEWER"


class NewTombstonesError(Exception):
    """Somebody was erased since the tombstones were read: sort the group again."""


def check(exchange: Exchange, newest: Answer, memory: Memory) -> None:
    """Whether the tombstones a group was sorted by are still all; `newest` was asked inside its transaction."""
    exchange.flush()
    if newest.number() != memory.newest_tombstone:
        raise NewTombstonesError


def learn(conn: Connection, memory: Memory) -> None:
    """Read the tombstones again."""
    laid: dict[int, set[bytes]] = defaultdict(set)
    newest = 0
    for number, workspace, digest in conn.execute(ALL):
        laid[workspace].add(bytes(digest))
        newest = max(newest, number)
    memory.erased = {workspace: frozenset(digests) for workspace, digests in laid.items()}
    memory.newest_tombstone = newest


def is_erased(received: Received, batch: Batch, memory: Memory) -> bool:
    """Whether one of a batch's identities was erased in its workspace."""
    workspace = received.source.workspace_id
    laid = memory.erased.get(workspace)
    if not laid:
        return False
    return any(erased_key(settings.SECRET_KEY, workspace, kind, value) in laid for kind, value in batch.identities)
