"""A TCP proxy that can cut every connection through it, for tests of what happens then. Loopback only."""

import contextlib
import selectors
import socket
import threading


class Proxy:
    """Listens on a port of its own and passes bytes to 127.0.0.1:`target` (set later if need be)."""

    def __init__(self, target: int = 0) -> None:
        self.target = target
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        self.cuts = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                client.close()
                continue
            threading.Thread(target=self.relay, args=(client, server), daemon=True).start()

    def relay(self, client: socket.socket, server: socket.socket) -> None:
        with self.lock:
            self.open |= {client, server}
        other = {client: server, server: client}
        with contextlib.suppress(OSError), selectors.DefaultSelector() as selector:
            for side in other:
                selector.register(side, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        raise ConnectionResetError
                    other[key.fileobj].sendall(data)
        with self.lock:
            self.open -= {client, server}
        for side in other:
            side.close()

    def cut(self) -> int:
        """Cut every connection, in the middle of whatever it carried; returns how many there were."""
        with self.lock:
            victims = list(self.open)
        for side in victims:
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
        self.cuts += bool(victims)
        return len(victims) // 2

    def close(self) -> None:
        self.listening.close()
        self.cut()
