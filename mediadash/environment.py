"""Reads settings from the environment and refuses nonsense aloud.

Every function takes the variable's name and a default and raises `ImproperlyConfigured`, naming the variable and what
it may hold, when the value cannot be meant.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: say 1 or 0.")


def env_int(name: str, default: int, at_least: int = 0, at_most: int | None = None) -> int:
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if number < at_least or (at_most is not None and number > at_most):
        upper = "" if at_most is None else f" and {at_most}"
        raise ImproperlyConfigured(f"{name}={number} is out of range: at least {at_least}{upper}.")
    return number


def env_list(name: str, default: list[str]) -> list[str]:
    value = os.environ.get(name)
    if value is None:
        return default
    return [item.strip() for item in value.split(",") if item.strip()]


def env_text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def kept_secret(name: str, file: Path, random_bytes: int = 48) -> str:
    """The secret from the environment, else the one kept in `file`, made at first need with mode 0600."""
    if value := os.environ.get(name):
        return value
    if file.exists():
        return file.read_text().strip()
    file.parent.mkdir(parents=True, exist_ok=True)
    made = secrets.token_urlsafe(random_bytes)
    # Two commands may start at once on a new folder: the first to create the file decides.
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(made)
    return made
