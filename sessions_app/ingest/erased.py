"""Erased viewers stay erased: batches that carry a tombstoned identity are dropped inside the transaction.

The tombstones are read again only when a new one has been laid, which each transaction asks for.
"""

from collections import defaultdict

from django.conf import settings
from psycopg import Connection

from sessions_app.ingest.database import at_once
from sessions_app.ingest.memory import Memory
from sessions_app.ingest.received import Received
from sessions_app.keys import erased_key
from sessions_app.wire.batch import Batch

NEWEST = b"SELECT coalesce(max(id), 0) FROM sessions_app_tombstone"
ALL = "SELECT workspace_id, identity_hmac FROM sessions_app_tombstone"
ERASED = "ERASED_VIEWER"


def refresh(conn: Connection, memory: Memory) -> None:
    newest = int(at_once(conn, NEWEST).get_value(0, 0) or 0)
    if newest == memory.newest_tombstone:
        return
    laid: dict[int, set[bytes]] = defaultdict(set)
    for workspace, digest in conn.execute(ALL):
        laid[workspace].add(bytes(digest))
    memory.erased = {workspace: frozenset(digests) for workspace, digests in laid.items()}
    memory.newest_tombstone = newest


def is_erased(received: Received, batch: Batch, memory: Memory) -> bool:
    """Whether one of a batch's identities was erased in its workspace."""
    workspace = received.source.workspace_id
    laid = memory.erased.get(workspace)
    if not laid:
        return False
    return any(erased_key(settings.SECRET_KEY, workspace, kind, value) in laid for kind, value in batch.identities)
