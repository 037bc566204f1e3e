"""x-mp-signature: how the phones sign a request.

HMAC-SHA256 in lower-case hex over the method, the Date header as sent (opaque text: each SDK writes its own shape),
the default path, and the unpacked body. The path is the default one also when a request came in on a CNAME's path.
"""

import hmac

IDENTIFY_PATH = "/v1/identify"


def events_path(key: str) -> str:
    return f"/v2/{key}/events"


def sign(secret: str, date: str, key: str, body: bytes, *, path: str | None = None) -> str:
    """The signature of an events upload, or of a request to another path."""
    signed = f"POST\n{date}\n{path or events_path(key)}".encode("utf-8", "surrogateescape") + body
    return hmac.new(secret.encode(), signed, "sha256").hexdigest()


def is_signed(secret: str, date: str, key: str, body: bytes, signature: str, *, path: str | None = None) -> bool:
    expected = sign(secret, date, key, body, path=path)
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "surrogateescape"))
