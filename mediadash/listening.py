"""The socket that web processes share. Apart from the server itself, which takes a second to import."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; its backlog holds connections while a web process restarts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host.strip("[]"), port))
    listening.listen(1024)
    return listening
