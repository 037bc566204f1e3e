"""The shell around Daphne: limits, deadlines, JSON errors, and an end that finishes what it began."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests.stack import wait_until

pytestmark = pytest.mark.processes

LIMIT = 100_000


def start(*others):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.processes.small_app", str(LIMIT), *others], stdout=subprocess.PIPE, text=True
    )
    process.port = int(process.stdout.readline())
    return process


@pytest.fixture(scope="module")
def server():
    process = start()
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def leaving():
    """A server of the test's own, which it tells to stop."""
    process = start()
    yield process
    process.kill()
    process.wait()


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def read_all(connection):
    parts = []
    while data := connection.recv(65536):
        parts.append(data)
    return b"".join(parts)


def exchange(server, *pieces):
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return read_all(connection)


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def errors_in(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])["errors"]


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


def test_a_body_within_the_limit_is_read_whole(server):
    answer = exchange(server, HEAD + b"Content-Length: 100000\r\n\r\n", b"x" * LIMIT)
    assert status_of(answer) == 200
    assert answer.endswith(b"\r\n\r\n100000")


def test_a_declared_body_over_the_limit_is_refused_before_it_is_read(server):
    answer = exchange(server, HEAD + b"Content-Length: 200000000\r\n\r\n")
    assert status_of(answer) == 413
    assert errors_in(answer)[0]["code"] == "TOO_LARGE"
    assert b"Access-Control-Allow-Origin: *" in answer


def test_the_client_that_sends_on_still_gets_to_read_the_refusal(server):
    answer = exchange(server, HEAD + b"Content-Length: 300000\r\n\r\n", b"x" * 300_000)
    assert status_of(answer) == 413


@pytest.mark.parametrize("length", [b"Content-Length: 200000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_door_may_refuse_size_in_the_words_its_clients_understand(server, length):
    head = HEAD.replace(b"POST /", b"POST /other?of=them")
    answer = exchange(server, head + length, b"30d40\r\n" + b"x" * 200_000 if b"chunked" in length else b"")
    assert (status_of(answer), errors_in(answer)[0]["code"]) == (400, "TOO_LARGE")


def test_a_chunked_body_is_refused_where_it_crosses_the_limit(server):
    chunk = b"c350\r\n" + b"x" * 50_000 + b"\r\n"
    answer = exchange(server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, chunk)
    assert status_of(answer) == 413


@pytest.fixture(scope="module")
def hurried():
    """A server that waits for nobody and holds few connections."""
    process = start("headers_deadline_s=0", "body_deadline_s=0", "most_connections=8")
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    "piece",
    [b"POST / HTTP/1.1\r\nHost: x\r\nX: ", HEAD + b"Content-Length: 10\r\n\r\nslow"],
    ids=["headers", "body"],
)
def test_what_drips_in_too_slowly_is_told_to_come_again(hurried, piece):
    with connect(hurried) as connection:
        connection.sendall(piece)
        answer = read_all(connection)
    # Any 4xx would make an SDK throw the batch away.
    assert status_of(answer) == 503
    assert b"\r\nRetry-After: 2\r\n" in answer
    assert errors_in(answer)[0]["code"] == "UNAVAILABLE"


def test_a_first_line_that_never_ends_is_hung_up_on(hurried):
    with connect(hurried) as connection:
        connection.sendall(b"POST /v2/eve")
        assert read_all(connection) == b""


def test_a_client_that_means_https_is_not_kept_waiting(server):
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
        assert read_all(connection) == b""


def test_one_connection_too_many_is_told_so_and_room_is_made_again(hurried):
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(connect(hurried)) for _ in range(20)]
        answer = read_all(connections[-1])
        assert (status_of(answer), errors_in(answer)[0]["code"]) == (503, "UNAVAILABLE")
        assert b"\r\nRetry-After: 2\r\n" in answer
    wait_until(lambda: status_of(exchange(hurried, HEAD + b"Content-Length: 0\r\n\r\n")) == 200, 10, "there is room")


def test_an_error_inside_the_application_is_answered_in_json(server):
    answer = exchange(server, b"GET /breaks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status_of(answer) == 500
    assert errors_in(answer)
    assert b"<html" not in answer


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(600)) + b"\r\n",
        b"POST /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_a_request_that_could_be_read_two_ways_is_refused(server, head):
    with connect(server) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert not answer or status_of(answer) in (400, 413, 414, 431, 501)


def test_sigterm_lets_a_request_under_way_finish(leaving):
    answers = []
    with connect(leaving) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        reader = threading.Thread(target=lambda: answers.append(read_all(connection)))
        # The first byte of another answer proves that the slow request is being worked on.
        exchange(leaving, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        leaving.send_signal(signal.SIGTERM)
        reader.start()
        reader.join(10)
    assert status_of(answers[0]) == 200
    assert leaving.wait(10) == 0


def test_sigterm_closes_websockets_so_that_they_come_back_elsewhere(leaving):
    with connect(leaving) as connection:
        connection.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        head = connection.recv(65536)
        assert status_of(head) == 101
        leaving.send_signal(signal.SIGTERM)
        assert (1012).to_bytes(2, "big") in read_all(connection)
    assert leaving.wait(10) == 0


UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, CLOSE = 0x1, 0x8
WEBSOCKET_LIMIT = 64 * 1024


def upgraded(connection, path=b"/ws"):
    connection.sendall(UPGRADE % path)
    stream = connection.makefile("rb")
    assert stream.readline().split()[1] == b"101"
    while stream.readline() != b"\r\n":
        continue
    return stream


def frame_of(data, opcode=TEXT):
    """One frame as a browser sends it, masked with zeros."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFF]) + size.to_bytes(8, "big")
    return bytes([0x80 | opcode]) + length + bytes(4) + data


def read_frame(stream):
    opcode, length = stream.read(2)
    if length >= 126:
        length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
    return opcode & 0xF, stream.read(length)


def test_a_long_message_reaches_the_browser_whole(server):
    with connect(server) as connection:
        stream = upgraded(connection)
        connection.sendall(frame_of(b"repeat 300000"))
        assert read_frame(stream) == (TEXT, b"x" * 300_000)


def test_the_longest_message_a_browser_may_send_is_taken(server):
    with connect(server) as connection:
        stream = upgraded(connection)
        connection.sendall(frame_of(b"y" * WEBSOCKET_LIMIT))
        assert read_frame(stream) == (TEXT, b"y" * WEBSOCKET_LIMIT)


def closed_with(server, data):
    with connect(server) as connection:
        stream = upgraded(connection)
        connection.sendall(frame_of(data))
        opcode, reason = read_frame(stream)
        assert opcode == CLOSE
        return int.from_bytes(reason[:2], "big")


def test_a_longer_one_closes_with_1009(server):
    assert closed_with(server, b"y" * (WEBSOCKET_LIMIT + 1)) == 1009


def test_text_that_is_not_utf8_closes_with_1007(server):
    assert closed_with(server, b"caf\xe9") == 1007
