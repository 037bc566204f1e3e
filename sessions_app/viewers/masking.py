"""What of an identity anybody may see: the last four of an mpid or device id, the ends of everything else.

Masking happens on the server, in every frame, page and answer; only an audited reveal shows more.
"""

import json
from typing import Any

# Types that people read out over the phone by their end; outsiders know the others, so those match whole.
ENDS_SHOWN = frozenset({"mpid", "mp_deviceid", "device", "device_id", "roku_publisher_id", "roku_aid"})
SHOWN = 4
HIDDEN = "•••"

# Fields of a batch or event as sent that say who someone is or where.
PRIVATE_FIELDS = frozenset(
    (  # noqa: SIM905
        "mpid user_identities userIdentities ui identities user_attributes ua uid email customerid "
        "customer_id mp_deviceid device_application_stamp das di ip ips ipAddress client_ip location lc "
        "lr latitude longitude lat lng android_id android_uuid android_advertising_id ios_advertising_id ios_idfv "
        "roku_advertising_id roku_publisher_id push_token aid idfa idfv imei mac user_agent "
        "http_header_user_agent cgid psid cookies ck"
    ).split()
)


def end_of(value: str) -> str:
    """The last four characters: what a masked mpid or device id shows."""
    return value[-SHOWN:] if len(value) > SHOWN else ""


def mask(kind: str, value: str) -> str:
    """An identity as anybody may see it."""
    if not value:
        return ""
    if kind in ENDS_SHOWN:
        return HIDDEN + end_of(value)
    if kind == "email" and "@" in value:
        name, _, host = value.rpartition("@")
        return f"{name[:1]}{HIDDEN}@{host[:1]}{HIDDEN}"
    return f"{value[0]}{HIDDEN}{value[-1]}" if len(value) > 3 else HIDDEN


def mask_mpid(mpid: str) -> str:
    """The last four digits of an mpid, "" for none."""
    return end_of(mpid) or (HIDDEN if mpid else "")


def redacted(value: Any) -> Any:
    """A JSON value as sent, with what says who someone is struck out at any depth."""
    if isinstance(value, dict):
        return {key: HIDDEN if key in PRIVATE_FIELDS and item else redacted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted(item) for item in value]
    return value


def redacted_text(raw: str) -> str:
    """`redacted` for JSON text; text that is no JSON is not shown at all."""
    try:
        return json.dumps(redacted(json.loads(raw)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
