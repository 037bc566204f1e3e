"""Gzip bodies, unpacked with a bound: Android and iOS compress every upload."""

import zlib

from sessions_app.wire.batch import WireError

_GZIP = 16 + zlib.MAX_WBITS
# A file of many members is legal, thousands of empty ones are only meant to cost us time.
_MOST_MEMBERS = 64


def inflate(body: bytes, limit: int) -> bytes:
    """All members of a gzip body; WireError when it is not whole and sound, or larger than limit bytes."""
    unpacked = bytearray()
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            unpacked += member.decompress(body, limit + 1 - len(unpacked))
        except zlib.error as error:
            raise WireError("INVALID_GZIP", f"The body is not valid gzip: {error}.") from None
        if len(unpacked) > limit:
            raise WireError("TOO_LARGE", f"The unpacked body is too large: the limit is {limit} bytes.")
        if not member.eof:
            raise WireError("INVALID_GZIP", "The gzip body ends before its last member does.")
        body = member.unused_data
        if not body:
            return bytes(unpacked)
    raise WireError("INVALID_GZIP", f"The gzip body has more than {_MOST_MEMBERS} members.")
