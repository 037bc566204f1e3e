"""Attributes of an event as anybody may see them.

Players put what they like into custom attributes. Values under names that mean an identity, and texts that look
like an email address, are struck out wherever a page, a frame or the API shows them; only the audited way shows
the raw event. Whole numbers that JavaScript cannot hold become texts.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sessions_app.viewers.masking import HIDDEN, PRIVATE_FIELDS

LARGEST_EXACT_IN_JAVASCRIPT = 2**53 - 1
EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,255}\.[^\s@]{2,}")
SEPARATORS = re.compile(r"[^a-z0-9]")
# Written as players write them: any case, any separator.
PERSONAL = (
    "email address mail customer user user_id user_name login account_id subscriber_id member_id profile_id "
    "phone phone_number mobile mobile_number msisdn ip_address device_id advertising_id first_name last_name "
    "full_name birthday date_of_birth street"
)


def _plain(name: str) -> str:
    return SEPARATORS.sub("", name.lower())


PERSONAL_NAMES = frozenset(map(_plain, PRIVATE_FIELDS | set(PERSONAL.split())))


@lru_cache(maxsize=4096)
def _is_personal(name: str) -> bool:
    """Kept, because a session's events say the same few names thousands of times."""
    return _plain(name) in PERSONAL_NAMES


def mask_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _masked(name, value) for name, value in attributes.items()}


def _masked(name: str, value: Any) -> Any:
    if value is not None and _is_personal(name):
        return HIDDEN
    if type(value) is str:
        return HIDDEN if "@" in value and EMAIL.search(value) else value
    if type(value) is int:
        return value if abs(value) <= LARGEST_EXACT_IN_JAVASCRIPT else str(value)
    if isinstance(value, dict):
        return mask_attributes(value)
    if isinstance(value, list):
        return [_masked("", item) for item in value]
    return value
