"""The inputs by key, as the doors need them: a snapshot in memory, never older than two seconds.

Every key is in the snapshot or it is not: an unknown key and a wrong secret cost the same, and no request waits for
the database because of a key. A key that is not found or does not fit is looked for once more in a fresh snapshot, so
that an input works as soon as it is made.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from psycopg import Connection

from mediadash import crypto

SNAPSHOT = """
SELECT i.id, i.key, i.workspace_id, i.platform, i.secret_sha256, i.secret_encrypted, i.webhook_authorization_sha256,
    i.origins, i.signature_required, i.rate_per_s, w.error_names,
    CASE WHEN w.is_sandbox THEN '{}' ELSE ARRAY(
        SELECT d.id FROM sessions_app_destination d WHERE d.workspace_id = w.id AND d.is_on ORDER BY d.id
    ) END,
    CASE WHEN NOT w.is_sandbox THEN (
        SELECT ARRAY[d.url, d.key] FROM sessions_app_destination d
        WHERE d.workspace_id = w.id AND d.is_on AND (d.key = i.key OR i.platform = 'web')
        ORDER BY d.key <> i.key, d.id LIMIT 1
    ) END
FROM sessions_app_input i JOIN sessions_app_workspace w ON w.id = i.workspace_id
WHERE i.revoked_at IS NULL
"""
NOBODYS_SHA256 = hashlib.sha256(b"nobody's secret").digest()


@dataclass(frozen=True, slots=True)
class KnownInput:
    """One input with what of its workspace the store needs."""

    id: int
    key: str
    workspace_id: int
    platform: str
    secret_sha256: bytes = field(repr=False)
    secret_encrypted: bytes | None = field(repr=False)
    webhook_authorization_sha256: bytes | None = field(repr=False)
    origins: tuple[str, ...]
    signature_required: bool
    rate_per_s: int | None
    error_names: tuple[str, ...]
    destinations: tuple[int, ...]
    # The destination that answers what a client asks besides events; "" when none does (`pass_through`).
    passed_on_url: str = ""
    passed_on_key: str = ""

    def signing_secret(self) -> str | None:
        """The secret in the clear, which only inputs of signing SDKs keep."""
        return crypto.decrypt(self.secret_encrypted) if self.secret_encrypted else None


def load_snapshot(conn: Connection) -> dict[str, KnownInput]:
    """Every input that may send, by its key."""
    return {row[1]: from_row(row) for row in conn.execute(SNAPSHOT)}


def from_row(row: tuple[Any, ...]) -> KnownInput:
    pk, key, workspace, platform, secret, encrypted, webhook, *others = row
    origins, signature, rate, errors, destinations, passed_on = others
    return KnownInput(
        id=pk,
        key=key,
        workspace_id=workspace,
        platform=platform,
        secret_sha256=bytes(secret),
        secret_encrypted=None if encrypted is None else bytes(encrypted),
        webhook_authorization_sha256=None if webhook is None else bytes(webhook),
        origins=tuple(origins or ()),
        signature_required=signature,
        rate_per_s=rate,
        error_names=tuple(errors or ()),
        destinations=tuple(destinations),
        passed_on_url=passed_on[0] if passed_on else "",
        passed_on_key=passed_on[1] if passed_on else "",
    )


def with_secret(snapshot: Mapping[str, KnownInput], key: str, secret: bytes) -> KnownInput | None:
    """The input with this key when the secret is its own; takes as long for a key nobody has."""
    found = snapshot.get(key)
    expected = NOBODYS_SHA256 if found is None else found.secret_sha256
    fits = compare_digest(hashlib.sha256(secret).digest(), expected)
    return found if fits else None
