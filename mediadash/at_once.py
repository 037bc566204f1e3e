"""Bytes to the kernel now instead of at the reactor's next turn.

Twisted keeps what is written until its loop comes round: two calls to epoll and a callback for each answer and each
frame, a tenth of a request's cost and most of a frame's. What the kernel does not take waits there as ever.
"""

from typing import Any


def write_at_once(transport: Any, data: bytes) -> None:
    """Write to a Twisted TCP connection."""
    sent = sent_at_once(transport, data)
    if sent < len(data):
        transport.write(data[sent:])


def sent_at_once(transport: Any, data: bytes) -> int:
    """How many bytes the kernel took."""
    if transport.dataBuffer or transport._tempDataBuffer or transport.disconnecting:
        return 0  # what waits there goes first
    try:
        return int(transport.socket.send(data))
    except OSError:  # no room, or a lost connection: the reactor finds out which
        return 0
