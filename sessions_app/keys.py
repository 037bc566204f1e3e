"""Short fixed keys for texts of any length: what unique indexes and lookups use."""

import hmac
from hashlib import blake2b, sha256


def key128(*parts: str | bytes) -> str:
    """32 hex digits over the parts, told apart whatever they hold; equal parts give an equal key for ever."""
    return blake2b(joined(*parts), digest_size=16).hexdigest()


def joined(*parts: str | bytes) -> bytes:
    """The parts, each behind its length."""
    pieces = []
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        pieces.append(len(data).to_bytes(8, "big"))
        pieces.append(data)
    return b"".join(pieces)


def erased_key(secret: str, workspace_id: int, identity_type: str, value: str) -> bytes:
    """What a tombstone keeps of an erased identity: enough to know it again, nothing to read back."""
    known = key128(str(workspace_id), identity_type, value)
    return hmac.new(secret.encode(), known.encode(), sha256).digest()
