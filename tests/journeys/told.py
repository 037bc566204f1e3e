"""Puts sessions into a running stack's database as if each event had arrived when it happened.

The doors stamp what they receive with their own clock, so a story of twelve minutes posted at once is a story that
came late. `python -m tests.journeys.told`, in the stack's environment, reads a line of JSON for each batch list
(`[[received_at_ms, batch], …]`, first the key of an input) and answers each with a line.
"""

import json
import os
import sys
from typing import Any

import django

STORED_THEN = "UPDATE sessions_app_mediaevent SET stored_at_ms = received_at_ms + 13 WHERE raw_batch_id = ANY(%s)"
FORWARDED_THEN = """
INSERT INTO sessions_app_delivery (destination_id, raw_batch_id, indexes, rest, event_count, lane, status, body,
    source_request_id, attempts, crashes, next_attempt_at, owner, created_at, finished_at, last_status, last_error)
SELECT %s, raw.id, '[0]', '[]', 1, gen_random_uuid(),
    'sent', NULL,
    raw.id::text, 1, 0, raw.received_at, '', raw.received_at, raw.received_at + interval '0.9 s', 202, ''
FROM sessions_app_rawbatch raw JOIN sessions_app_mediaevent event ON event.raw_batch_id = raw.id
WHERE raw.id = ANY(%s)
"""


def tell(key: str, told: list[tuple[int, dict[str, Any]]]) -> None:
    """Store these batches through the store itself, each at its moment."""
    from django.db import connection

    from sessions_app.ingest.inputs import load_snapshot
    from sessions_app.ingest.memory import Memory
    from sessions_app.ingest.received import Received
    from sessions_app.ingest.store import write_group
    from sessions_app.wire.parse import parse

    connection.ensure_connection()
    conn = connection.connection
    source, memory = load_snapshot(conn)[key], Memory("told")
    since = conn.execute("SELECT coalesce(max(id), 0) FROM sessions_app_rawbatch").fetchone()[0]
    for received_at_ms, batch in told:
        body = json.dumps(batch).encode()
        parsed = parse(body, received_at_ms, source.platform)
        write_group(conn, [Received(source, "server", b"{}", received_at_ms, body, (parsed,))], memory)
    ids = [row[0] for row in conn.execute("SELECT id FROM sessions_app_rawbatch WHERE id > %s", [since])]
    with connection.cursor() as cursor:
        cursor.execute(STORED_THEN, [ids])
        cursor.execute(FORWARDED_THEN, [destination(source.workspace_id).pk, ids])


def destination(workspace_id: int) -> Any:
    """Where the told was forwarded to. Off: nothing else goes there."""
    from sessions_app.models import Destination

    words = {"url": "https://s2s.us1.mparticle.com", "key": "us1-k", "secret_encrypted": b"-", "is_on": False}
    return Destination.objects.get_or_create(workspace_id=workspace_id, name="mParticle US1", defaults=words)[0]


def main() -> None:
    """One answer for each line, until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")
    django.setup()
    for line in sys.stdin:
        key, told = json.loads(line)
        tell(key, told)
        print("told", flush=True)


if __name__ == "__main__":
    main()
