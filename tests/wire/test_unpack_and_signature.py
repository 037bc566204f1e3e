"""Gzip with a bound, and x-mp-signature as the phones make it."""

import base64
import gzip
import zlib

import pytest

from sessions_app.wire.batch import WireError
from sessions_app.wire.signature import IDENTIFY_PATH, is_signed, sign
from sessions_app.wire.unpack import inflate
from tests.wire.samples import native

PHONES = ["android_full", "android_default_summaries_only", "ios_full", "ios_nan_rate", "roku_full"]


def code(body, limit=1000):
    with pytest.raises(WireError) as error:
        inflate(body, limit)
    return error.value.code


@pytest.mark.parametrize("name", ["android_full", "ios_full"])
def test_the_phones_own_gzip_is_unpacked(name):
    capture, text = native(name)
    assert inflate(base64.b64decode(capture["body_gzip_base64"]), len(text)) == text


def test_all_members_are_unpacked():
    assert inflate(gzip.compress(b"one ") + gzip.compress(b"two"), 7) == b"one two"


def test_the_limit_is_the_unpacked_size_of_all_members_together():
    assert code(gzip.compress(b"x" * 1001)) == "TOO_LARGE"
    assert code(gzip.compress(b"x" * 600) + gzip.compress(b"x" * 401)) == "TOO_LARGE"
    assert code(gzip.compress(b"\0" * 50_000_000)) == "TOO_LARGE"
    assert len(inflate(gzip.compress(b"x" * 1000), 1000)) == 1000


def test_what_is_not_whole_and_sound_is_refused():
    packed = gzip.compress(b"hello")
    broken_crc = packed[:-8] + bytes(4) + packed[-4:]
    for body in (b"", b"{}", packed[:-1], broken_crc, packed + b"{}", zlib.compress(b"hello")):
        assert code(body) == "INVALID_GZIP"


def test_thousands_of_empty_members_are_refused():
    assert code(gzip.compress(b"") * 1000) == "INVALID_GZIP"


@pytest.mark.parametrize("name", PHONES)
def test_the_phones_signatures_hold(name):
    capture, text = native(name)
    given = (capture["api_secret"], capture["headers"]["Date"], capture["api_key"], text)
    signature = capture["headers"]["x-mp-signature"]
    assert is_signed(*given, signature)
    assert is_signed(*given, signature.upper())
    assert not is_signed("another secret", *given[1:], signature)
    assert not is_signed(*given[:3], text + b" ", signature)


def test_a_signature_may_be_anything():
    for signature in ("", "x", "é", "\udcff", "0" * 64):
        assert not is_signed("s", "\udcff", "k", b"", signature)


def test_identity_requests_are_signed_over_their_own_path():
    signature = sign("s", "d", "k", b"{}", path=IDENTIFY_PATH)
    assert is_signed("s", "d", "k", b"{}", signature, path=IDENTIFY_PATH)
    assert not is_signed("s", "d", "k", b"{}", signature)
