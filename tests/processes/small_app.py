"""A tiny ASGI application inside our server shell, for the tests of the shell itself."""

import asyncio
import sys

from mediadash.listening import listen
from mediadash.server import Server


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            text = message.get("text") or ""
            if text.startswith("repeat "):
                text = "x" * int(text.split()[1])
            await send({"type": "websocket.send", "text": text})
        return
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    if scope["path"] == "/breaks":
        raise RuntimeError("as it was told to")
    body = str(size).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    listening = listen("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    statuses = {"/other": 400}
    server = Server(application, max_body_bytes=int(sys.argv[1]), too_large_status=lambda path: statuses.get(path, 413))
    # NAME=VALUE: what a test wants otherwise than it is.
    for given in sys.argv[2:]:
        name, _, value = given.partition("=")
        setattr(server, name, float(value))
    server.serve(listening)
