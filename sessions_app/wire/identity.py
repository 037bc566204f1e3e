"""Answers to identify, login, logout and modify, for pages and apps that have nothing but mediadash.

A known identity is given the same mpid for ever, and two keys of one workspace the same one, because it is computed
from the identity and not remembered. Without any known identity the device's stamp stands in.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from sessions_app.wire import document as documents
from sessions_app.wire import vocabulary
from sessions_app.wire.batch import WireError
from sessions_app.wire.viewer import is_storable

ACTIONS = frozenset(("identify", "login", "logout", "modify"))
DEVICE = "device_application_stamp"
# Which of several known identities says who it is, strongest first; after these, any other by name.
_STRONGEST = ("customer_id", "email", "mobile_number", "other", "alias")


class IdentityRequest(NamedTuple):
    """What a client asked: who it knows, who it was before, and for modify which identities change."""

    # In the client's spelling: they are told back to it.
    known_identities: dict[str, str]
    request_id: str
    previous_mpid: str
    changes: tuple[Mapping[str, Any], ...]


def read_request(body: bytes) -> IdentityRequest:
    """The request in a body, or WireError."""
    value = documents.read(body).value
    if not isinstance(value, dict):
        raise WireError("INVALID_BATCH", "The body must be one JSON object, an identity request.")
    known = value.get("known_identities")
    changes = value.get("identity_changes")
    identities = known.items() if isinstance(known, dict) else ()
    return IdentityRequest(
        {kind: text for kind, identity in identities if (text := _text(identity))},
        _text(value.get("request_id")),
        _text(value.get("previous_mpid")),
        tuple(change for change in changes if isinstance(change, dict)) if isinstance(changes, list) else (),
    )


def answer(action: str, request: IdentityRequest, scope: str, mpid: str = "") -> dict[str, Any]:
    """The JSON to answer with. scope: whose identities these are, a workspace; mpid: the one in modify's path."""
    if action == "modify":
        return {
            "change_results": [
                {"identity_type": change.get("identity_type"), "modified_mpid": mpid or request.previous_mpid}
                for change in request.changes
            ]
        }
    known = request.known_identities
    if action == "logout":
        known = {kind: value for kind, value in known.items() if kind == DEVICE}
    people = {kind: value for kind, value in known.items() if kind != DEVICE}
    return {
        "context": None,
        "mpid": mpid_for(scope, known) if known else request.previous_mpid or _mpid(scope, "", request.request_id),
        "matched_identities": known,
        "is_ephemeral": False,
        "is_logged_in": bool(people),
    }


def mpid_for(scope: str, known_identities: Mapping[str, str]) -> str:
    """The mpid of whoever is known by these identities: signed 64-bit, never 0, always the same."""
    known = {vocabulary.IDENTITY_ALIASES.get(kind.lower(), kind): text for kind, text in known_identities.items()}
    kinds = [kind for kind in _STRONGEST if kind in known]
    kinds += sorted(kind for kind in known if kind not in _STRONGEST and kind != DEVICE)
    kind = kinds[0] if kinds else DEVICE
    return _mpid(scope, kind, known.get(kind, ""))


def _mpid(*parts: str) -> str:
    digest = blake2b(digest_size=8)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return str(int.from_bytes(digest.digest(), "big", signed=True) or 1)


def _text(value: Any) -> str:
    text = str(value) if type(value) in (str, int) else ""
    return text if is_storable(text) else ""
