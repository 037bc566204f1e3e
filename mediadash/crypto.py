"""Secrets that must be read back (native SDK keys, destinations), encrypted with the keys of ENCRYPTION_KEYS.

The first key encrypts, every key decrypts: put a new one in front, `rotated` what is stored, then drop the old one.
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadableSecret(Exception):
    """A stored secret was encrypted with a key that is not in ENCRYPTION_KEYS."""


def encrypt(text: str) -> bytes:
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode())


def decrypt(encrypted: bytes | memoryview) -> str:
    """The text again; raises UnreadableSecret when none of the keys fits."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(bytes(encrypted)).decode()
    except InvalidToken:
        raise UnreadableSecret("A stored secret does not open with any of ENCRYPTION_KEYS.") from None


def rotated(encrypted: bytes | memoryview) -> bytes:
    """The same secret, encrypted with the first key."""
    return encrypt(decrypt(encrypted))


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    # Any text is accepted as a key: Fernet wants 32 bytes, the text's SHA-256 has them.
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])
