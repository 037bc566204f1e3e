"""Whose batch it is and what it came from: mpid, device id, identities, platform, device, versions.

Ids are text, digit for digit: an mpid is a signed 64-bit number that floats and browsers round. An identity that
cannot be what it claims is a fault of the whole batch: its events must not end up with somebody else or nobody.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sessions_app.wire import vocabulary

_MPID = re.compile(r"-?[0-9]{1,19}")
_LONGEST_TYPE = 40
_LONGEST_WORD = 200


class FaultError(Exception):
    """Why an event, or all events of a batch, cannot be kept. field: where, below the event or the batch."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Viewer(NamedTuple):
    mpid: str
    device_id: str
    identities: tuple[tuple[str, str], ...]


def viewer_of(document: Mapping[str, Any]) -> Viewer:
    """mpid, mp_deviceid and all identities of a long-key batch, inbound or outgoing; FaultError when one is broken."""
    mpid = _mpid(document.get("mpid"))
    device_id = identity_text(document.get("mp_deviceid"), "mp_deviceid")
    found = {} if not mpid else {("mpid", mpid): None}
    for kind, value in _user_identities(document.get("user_identities")):
        text = identity_text(value, f"user_identities/{_escaped(kind)}")
        if text:
            found[kind, text] = None
    if device_id:
        found["mp_deviceid", device_id] = None
    return Viewer(mpid, device_id, tuple(found))


def is_storable(text: str) -> bool:
    """Postgres takes any text but U+0000 and lone surrogates."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(value: Any) -> str:
    """A word to show, cut to a sensible length; what cannot be stored is replaced. "" for anything but text."""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        return ""
    word = value[:_LONGEST_WORD]
    if word.isascii() and "\0" not in word:
        return word
    return word.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def identity_text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise FaultError("INVALID_TEXT", f'"{field}" must be text.', field)
    if not is_storable(value):
        raise FaultError("INVALID_TEXT", f'"{field}" holds U+0000 or a lone surrogate.', field)
    return value


def _escaped(key: str) -> str:
    """A key as a JSON pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")


def _mpid(value: Any) -> str:
    """The id as text; "" when the batch names none (absent, null, 0)."""
    if value is None:
        return ""
    text = str(value) if type(value) is int else value
    if type(text) is not str or not _MPID.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise FaultError("INVALID_NUMBER", '"mpid" must be a signed 64-bit integer.', "mpid")
    return text if int(text) else ""


def _user_identities(value: Any) -> Iterator[tuple[str, Any]]:
    """(type, value) pairs of {type: value} or of mParticle's outgoing [{identity_type, identity}]."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(one.get("identity_type"), one.get("identity")) for one in value if isinstance(one, dict)]
    else:
        return
    for kind, identity in pairs:
        if type(kind) is str and 0 < len(kind) <= _LONGEST_TYPE and is_storable(kind):
            yield vocabulary.IDENTITY_ALIASES.get(kind.lower(), kind), identity


class Client(NamedTuple):
    """What a batch came from, in words to show and to count by."""

    platform: str
    device: str
    os: str
    sdk_version: str
    app_name: str
    app_version: str


def client_of(document: Mapping[str, Any], input_platform: str) -> Client:
    device = _object(document.get("device_info"))
    app = _object(document.get("application_info"))
    platform = storable(device.get("platform")).lower().replace("_", "") or input_platform
    maker = storable(device.get("device_manufacturer")) or storable(device.get("brand"))
    model = storable(device.get("device_model")) or storable(device.get("device"))
    # Android's os_version is an API level; the release is what people call it.
    version = storable(device.get("build_version_release")) or storable(device.get("os_version"))
    return Client(
        platform=platform,
        device=model if model.startswith(maker) else f"{maker} {model}".strip(),
        os=f"{storable(device.get('platform'))} {version}".strip() if version else "",
        sdk_version=storable(document.get("sdk_version")),
        app_name=storable(app.get("application_name")),
        app_version=storable(app.get("application_version")),
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
