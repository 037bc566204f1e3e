"""Which addresses may be forwarded to, and to which machine a name leads.

mParticle's pods over https, and what FORWARDING_ALLOWED_URLS names: nothing else, however it is spelled. A
pod's name is resolved once and the connection goes to that very address, so that a name that changes its mind
between the check and the connection leads nowhere.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PODS = tuple(f"https://s2s.{pod}mparticle.com" for pod in ("", "us1.", "us2.", "eu1.", "au1."))


class AddressRefusedError(Exception):
    """The destination's address may not be forwarded to; the message says what would be accepted."""


@dataclass(frozen=True)
class Target:
    """Where to connect: the url with the address in place of the name, and the name for Host and TLS."""

    url: str
    host: str
    server_name: str


def allowed_url(text: str) -> str:
    """The address as it is kept. Only whole known addresses pass: nothing is taken apart and judged."""
    wanted = text.strip().rstrip("/").lower()
    for url in (*PODS, *settings.FORWARDING_ALLOWED_URLS):
        if wanted == url.rstrip("/").lower():
            return url.rstrip("/")
    raise AddressRefusedError(
        "Only mParticle's own addresses are accepted, for example https://s2s.mparticle.com; "
        "others must be named in FORWARDING_ALLOWED_URLS."
    )


def target(text: str) -> Target:
    """Resolve an allowed address; OSError when its name is not found. Blocking: called beside the event loop."""
    url = allowed_url(text)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
    # One private answer among public ones is already a name that is not to be trusted.
    if url in PODS and not all(map(is_public, addresses)):
        raise AddressRefusedError(f"{host} leads to a private address.")
    address = addresses[0]
    literal = f"[{address}]" if address.version == 6 else str(address)
    named = host if port in (80, 443) else f"{host}:{port}"
    return Target(f"{parts.scheme}://{literal}:{port}{parts.path}", named, host)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_global) and not address.is_multicast
