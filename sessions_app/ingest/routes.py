"""Which door a path leads to. Paths are taken apart once, by their slashes; no pattern ever runs on a stranger's path.

`/v2/events` and `/v2/{key}/events` differ by a segment only: fixed words are looked at before keys.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """How a door lets in and answers."""

    SERVER = "server"
    WEB = "web"
    NATIVE = "native"
    WEBHOOK = "webhook"
    CONFIG = "config"
    IDENTITY = "identity"
    SWALLOW = "swallow"


@dataclass(frozen=True, slots=True)
class Route:
    """A door: `dialect` is how its bodies are read and the word kept with raw batches."""

    kind: Kind
    dialect: str = ""
    key: str = ""
    # Of an identity door: identify, login, logout, modify, and the mpid in modify's path.
    action: str = ""
    mpid: str = ""
    # Where mParticle has this door: the first word of the host, and the path, which is also what a client signs.
    host: str = ""
    place: str = ""

    @property
    def is_for_browsers(self) -> bool:
        """Whether pages of other origins may read the answer."""
        return self.kind not in (Kind.SERVER, Kind.NATIVE, Kind.WEBHOOK)

    @property
    def methods(self) -> tuple[str, ...]:
        if self.kind is Kind.CONFIG:
            return ("GET", "OPTIONS")
        return ("POST", "OPTIONS") if self.is_for_browsers else ("POST",)


SERVER, BULK = Route(Kind.SERVER, "server"), Route(Kind.SERVER, "bulk")
FIXED = {
    "/v2/events": SERVER,
    "/v2/bulkevents": BULK,
    "/v2/bulkevents/historical": BULK,
}
# In front of the same paths when mParticle is reached through a customer's own host name.
WEB_CNAME, NATIVE_CNAME = "webevents", "nativeevents"
WEB_EVENTS = {("v3", "events"): "web", ("v2", "Events"): "legacy_web", ("v1", "Events"): "legacy_web"}
IDENTITY_ACTIONS = frozenset({"identify", "login", "logout"})
# A phone may be told to leave the folders out (overridesSubdirectory): then /events, /config and /alias follow the key.
IDENTITY_FOLDERS: tuple[list[str], ...] = (["webevents", "v1", "identity"], ["identity", "v1"], ["v1"], [])
# Single words before /events, /config or /alias that are pages of ours and never keys.
OURS = frozenset({"api", "admin", "compare", "exports", "forwarding", "live", "quality", "replays", "sessions",
                  "settings", "static", "titles", "viewers", "ws", "v1", "v2", "v3"})  # fmt: skip
LONGEST_PATH = 512


@lru_cache(2_048)
def match(path: str) -> Route | None:
    """The door at this path, or None when it is no door."""
    if len(path) > LONGEST_PATH:
        return None
    path = path.removesuffix("/")
    fixed = FIXED.get(path)
    if fixed is not None:
        return fixed
    parts = path.split("/")[1:]
    if not parts or not all(parts):
        return None
    return webhook(parts) or events(parts) or statistics(parts) or config(parts) or identity(parts)


def is_door(path: str) -> bool:
    return match(path) is not None


def webhook(parts: list[str]) -> Route | None:
    return Route(Kind.WEBHOOK, "webhook", parts[1]) if parts[0] == "webhook" and len(parts) == 2 else None


def events(parts: list[str]) -> Route | None:
    cname, rest = without_cname(parts)
    match rest:
        case [version, "JS", key, last] if cname != NATIVE_CNAME:
            dialect = WEB_EVENTS.get((version, last))
            return Route(Kind.WEB, dialect, key) if dialect else None
        case ["v2", key, "events"] if cname != WEB_CNAME:
            return Route(Kind.NATIVE, "native", key)
        case [key, "events"] if not cname and key not in OURS:
            return Route(Kind.NATIVE, "native", key)
    return None


def statistics(parts: list[str]) -> Route | None:
    """What kits did, and who was somebody else before. The phones spell alias small, and have a host of their own."""
    cname, rest = without_cname(parts)
    match rest:
        case ["v1" | "v2" as version, "JS", key, "Forwarding"]:
            return Route(Kind.SWALLOW, key=key, host="jssdks", place=f"/{version}/JS/{{key}}/Forwarding")
        case ["v1", "identity", key, "Alias"]:
            return Route(Kind.SWALLOW, key=key, host="jssdks", place="/v1/identity/{key}/Alias")
        case ["v1", "identity", key, "alias"]:
            return Route(Kind.SWALLOW, key=key, host="nativesdks", place="/v1/identity/{key}/alias")
        case [key, "alias"] if not cname and key not in OURS:
            return Route(Kind.SWALLOW, key=key, host="nativesdks", place="/v1/identity/{key}/alias")
    return None


def without_cname(parts: list[str]) -> tuple[str, list[str]]:
    return (parts[0], parts[1:]) if parts[0] in (WEB_CNAME, NATIVE_CNAME) else ("", parts)


def config(parts: list[str]) -> Route | None:
    match parts:
        case ["tags", "JS", "v2", key, "config"] | ["JS", "v2", key, "config"]:
            return Route(Kind.CONFIG, key=key, host="jssdkcdns", place="/JS/v2/{key}/config")
        case ["config", "v4", key, "config"] | ["v4", key, "config"]:
            return Route(Kind.CONFIG, key=key, host="config2", place="/v4/{key}/config")
        case [key, "config"] if key not in OURS:
            return Route(Kind.CONFIG, key=key, host="config2", place="/v4/{key}/config")
    return None


def identity(parts: list[str]) -> Route | None:
    folder = next(folder for folder in IDENTITY_FOLDERS if parts[: len(folder)] == folder)
    match parts[len(folder) :]:
        case [action] if action in IDENTITY_ACTIONS:
            return Route(Kind.IDENTITY, action=action, host="identity", place=f"/v1/{action}")
        case [mpid, "modify"] if mpid not in OURS:
            return Route(Kind.IDENTITY, action="modify", mpid=mpid, host="identity", place="/v1/{mpid}/modify")
    return None
