"""A batch as the phones' SDKs spell it: short keys, every attribute a string, their own units and names.

What `wire.native` reads, written the other way round, so that simulated phones go through the doors of real ones:
summaries in seconds on Android and iOS, RFC 3339 on iOS, the other names of the ad and segment summaries, and the ad
time Android's SDK counts twice.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sessions_app.wire import vocabulary

_SECONDS = ("android", "ios")
_NAMES = {ours: theirs for theirs, ours in vocabulary.EVENT_ALIASES.items()}
_IDENTITIES = {name: number for number, name in vocabulary.IDENTITY_NUMBERS.items()}
_RFC_3339_ON_IOS = vocabulary.MOMENTS - {"media_session_start_time", "media_session_end_time"}
# Its SDK adds an ad's seconds when the ad ends and again when it is summarized.
_DOUBLED_ON_ANDROID = ("media_total_ad_time_spent", "media_ad_time_spent_rate")
_AD_OBJECTS: dict[str, Callable[[list[str]], str]] = {
    "ios": ", ".join,
    "android": lambda ids: f"[{', '.join(ids)}]",
    "roku": json.dumps,
}
_DEVICE = {
    "platform": "dp",
    "os_version": "dosv",
    "build_version_release": "vr",
    "device_model": "dmdl",
    "device_manufacturer": "dma",
    "brand": "b",
    "screen_height": "dsh",
    "screen_width": "dsw",
    "locale_country": "dlc",
}


def shorten(batch: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """The short-key batch of this platform's SDK."""
    application = batch.get("application_info", {})
    return {
        "dt": "h",
        "id": batch["source_request_id"],
        "ct": batch["timestamp_unixtime_ms"],
        "sdk": batch.get("sdk_version", ""),
        "mpid": int(batch["mpid"]) if platform == "ios" else batch["mpid"],
        "das": batch.get("mp_deviceid", ""),
        "dbg": batch.get("environment") == "development",
        "ui": [{"n": _IDENTITIES[kind], "i": value} for kind, value in batch.get("user_identities", {}).items()],
        "ua": batch.get("user_attributes", {}),
        "ai": {
            "an": application.get("application_name", ""),
            "av": application.get("application_version", ""),
            "apn": application.get("package", ""),
        },
        "di": {_DEVICE[key]: value for key, value in batch.get("device_info", {}).items() if key in _DEVICE},
        "msgs": [_message(event["data"], platform) for event in batch["events"]],
    }


def _message(data: Mapping[str, Any], platform: str) -> dict[str, Any]:
    name = data["event_name"]
    return {
        "dt": "e",
        "et": "media" if platform == "roku" else "Media",
        "n": name if platform == "roku" else _NAMES.get(name, name),
        "id": data["source_message_id"],
        "ct": data["timestamp_unixtime_ms"],
        "est": data["timestamp_unixtime_ms"],
        "sid": data["session_uuid"].upper() if platform in _SECONDS else data["session_uuid"],
        "attrs": {key: _text(key, value, platform) for key, value in data["custom_attributes"].items()},
    }


def _text(key: str, value: Any, platform: str) -> str:
    if key in _DOUBLED_ON_ANDROID and platform == "android":
        value *= 2
    if key in vocabulary.TIMES_SPENT and platform in _SECONDS:
        return str(float(value // 1000 if platform == "android" else value / 1000))
    if key in _RFC_3339_ON_IOS and platform == "ios":
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    if key == vocabulary.AD_OBJECTS:
        return _AD_OBJECTS[platform](value)
    if key == "content_type" and platform == "ios":
        return str(value).lower()
    return str(value).lower() if isinstance(value, bool) else str(value)
