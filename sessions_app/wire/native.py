"""Short keys: what Android, iOS and Roku upload, and what the web SDK did before 2.22.

`expand` turns a batch into the long keys of the Events API and `parse` reads it from there. Environment is a flag,
identities are numbers, the custom event type is "Media", "media" or 9.
"""

from collections.abc import Mapping
from typing import Any

from sessions_app.wire import document as documents
from sessions_app.wire import vocabulary
from sessions_app.wire.batch import Batch, WireError
from sessions_app.wire.parse import Dialect, read_batch

MESSAGE_TYPES = {
    "e": "custom_event",
    "ss": "session_start",
    "se": "session_end",
    "v": "screen_view",
    "cm": "commerce_event",
    "o": "opt_out",
    "x": "crash_report",
    "pr": "push_registration",
    "fr": "first_run",
    "ast": "application_state_transition",
    "pm": "push_message",
    "npe": "network_performance",
    "bc": "breadcrumb",
    "pro": "profile",
    "uac": "user_attribute_change",
    "uic": "user_identity_change",
}
# The web SDK's message types are numbers; 4 is a custom event.
LEGACY_CUSTOM_EVENT = 4

_DATA = {
    "n": "event_name",
    "et": "custom_event_type",
    "attrs": "custom_attributes",
    "flags": "custom_flags",
    "ct": "timestamp_unixtime_ms",
    "est": "event_start_unixtime_ms",
    "id": "source_message_id",
    "sid": "session_uuid",
    "sct": "session_start_unixtime_ms",
    "en": "event_num",
    "vc": "view_controller",
    "mt": "is_main_thread",
    "cn": "canonical_name",
}
_BATCH = {
    "id": "source_request_id",
    "ct": "timestamp_unixtime_ms",
    "sdk": "sdk_version",
    "mpid": "mpid",
    "das": "mp_deviceid",
    "ua": "user_attributes",
    "uad": "deleted_user_attributes",
    "ia": "integration_attributes",
}
_APPLICATION = {
    "an": "application_name",
    "av": "application_version",
    "apn": "package",
    "abn": "application_build_number",
}
_DEVICE = {
    "dp": "platform",
    "dosv": "os_version",
    "dmdl": "device_model",
    "dma": "device_manufacturer",
    "b": "brand",
    "p": "product",
    "dn": "device",
    "dsh": "screen_height",
    "dsw": "screen_width",
    "dpi": "screen_dpi",
    "dll": "locale_language",
    "dlc": "locale_country",
    "dc": "device_country",
    "tz": "timezone_offset",
    "bid": "build_identifier",
    "vr": "build_version_release",
    "anid": "android_uuid",
    "gaid": "android_advertising_id",
    "faid": "fire_advertising_id",
    "aid": "ios_advertising_id",
    "vid": "ios_idfv",
    "rida": "roku_advertising_id",
    "rpb": "roku_publisher_id",
    "lat": "limit_ad_tracking",
}
_CONSENT = {"c": "consented", "d": "document", "ts": "timestamp_unixtime_ms", "l": "location", "h": "hardware_id"}
_LOCATION = {"lat": "latitude", "lng": "longitude", "acc": "accuracy"}

SHORT = Dialect("msgs", {"event_type": "dt", "data": "", **{f"data/{long}": short for short, long in _DATA.items()}})
LEGACY = Dialect("", SHORT.fields, is_bare=True)


def parse_native(body: bytes, received_at_ms: int, platform: str) -> Batch:
    """The batch a phone or a Roku uploaded, unpacked."""
    document = documents.read(body)
    if not isinstance(document.value, dict):
        raise WireError("INVALID_BATCH", "The body must be one JSON object, a batch.")
    if not isinstance(document.value.get("msgs"), list):
        raise WireError("INVALID_BATCH", 'The batch\'s events, "msgs", must be an array.', "/msgs")
    return read_batch(document._replace(value=expand(document.value)), body, received_at_ms, platform, SHORT)


def parse_legacy_web(body: bytes, received_at_ms: int, platform: str) -> Batch:
    """The one event of a request of the web SDK before it batched."""
    document = documents.read(body)
    if not isinstance(document.value, dict):
        raise WireError("INVALID_BATCH", "The body must be one JSON object, an event.")
    expanded = expand_legacy_web(document.value)
    return read_batch(document._replace(value=expanded), body, received_at_ms, platform, LEGACY)


def expand(batch: Mapping[str, Any]) -> dict[str, Any]:
    """A short-key batch in the long keys of the Events API."""
    long = _renamed(batch, _BATCH)
    application = _object(batch.get("ai"))
    long["environment"] = _environment(batch.get("dbg"), application.get("env"))
    long["user_identities"] = _identities(batch.get("ui"))
    long["application_info"] = _renamed(application, _APPLICATION)
    long["device_info"] = _renamed(_object(batch.get("di")), _DEVICE)
    long["consent_state"] = _consent(batch.get("con"))
    plan = _object(_object(batch.get("ctx")).get("dpln"))
    if plan:
        long["context"] = {"data_plan": _renamed(plan, {"id": "plan_id", "v": "plan_version"})}
    long["events"] = [_message(message) for message in batch.get("msgs") or ()]
    return long


def expand_legacy_web(event: Mapping[str, Any]) -> dict[str, Any]:
    """One event of the web SDK before 2.22 as a batch of the Events API."""
    long = _renamed(event, _BATCH)
    # `ct` is the event's time and `id`, where present, the event's own.
    long.pop("source_request_id", None)
    plan = {"plan_id": event.get("dp_id"), "plan_version": event.get("dp_v")}
    message = {**event, "sct": event.get("ssd"), "dt": "e" if event.get("dt") == LEGACY_CUSTOM_EVENT else "x"}
    return {
        **long,
        "environment": _environment(event.get("dbg"), None),
        "user_identities": _identities(event.get("ui")),
        "application_info": {"application_version": event.get("av")},
        "device_info": {"platform": "web"},
        "consent_state": _consent(event.get("con")),
        **({"context": {"data_plan": plan}} if event.get("dp_id") else {}),
        "events": [_message(message)],
    }


def _message(message: Any) -> Any:
    """One event; what is no object is left for the reader to refuse."""
    if type(message) is not dict:
        return message
    kind = message.get("dt")
    data = _renamed(message, _DATA)
    location = _object(message.get("lc"))
    if location:
        data["location"] = _renamed(location, _LOCATION)
    return {"event_type": MESSAGE_TYPES.get(kind, kind) if type(kind) is str else kind, "data": data}


def _renamed(short: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: value for key, value in short.items() if key in names}


def _environment(debug: Any, environment: Any) -> str:
    if type(debug) is bool:
        return "development" if debug else "production"
    return {1: "development", 2: "production"}.get(environment, "") if type(environment) is int else ""


def _identities(listed: Any) -> dict[str, Any]:
    """Phones send [{"n": type, "i": value}], the old web SDK [{"Type", "Identity"}], both with numbers for types."""
    found = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            number = one.get("n", one.get("Type"))
            kind = vocabulary.IDENTITY_NUMBERS.get(number) if type(number) is int else None
            if kind is not None:
                found[kind] = one.get("i", one.get("Identity"))
    return found


def _consent(short: Any) -> dict[str, Any] | None:
    regulations = {
        regulation: {purpose: _renamed(_object(consent), _CONSENT) for purpose, consent in _object(purposes).items()}
        for regulation, purposes in _object(short).items()
        if regulation in ("gdpr", "ccpa")
    }
    return regulations or None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
