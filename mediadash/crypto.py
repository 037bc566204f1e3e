"""Secrets that must be read back (native SDK keys, destinations), encrypted with the keys of ENCRYPTION_KEYS.

The first key encrypts, every key decrypts: put a new one in front, pass what is stored through `rotated`, then
drop the old one.
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadableSecretError(Exception):
    """A stored secret was encrypted with a key that is not in ENCRYPTION_KEYS."""


def encrypt(text: str) -> bytes:
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode())


def decrypt(encrypted: bytes | memoryview) -> str:
    """The text again; raises UnreadableSecretError when none of the keys fits."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(bytes(encrypted)).decode()
    except InvalidToken:
        raise UnreadableSecretError("A stored secret does not open with any of ENCRYPTION_KEYS.") from None


def rotated(encrypted: bytes | memoryview) -> bytes:
    """The same secret, encrypted with the first key."""
    return encrypt(decrypt(encrypted))


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    # Any text is accepted as a key: Fernet wants 32 bytes, the text's SHA-256 has them.
    digests = (hashlib.sha256(key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
