"""A client for HTTP/1.1 keep-alive connections: sends the next request when the answer is complete.

Written on asyncio's protocols, on uvloop where it is installed, because the client shares the machine with what it
measures.
"""

import asyncio
import json
import re
import time
from dataclasses import dataclass, field

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Result:
    """What came of a run: acknowledged events, refusals, and each request's milliseconds."""

    connections: int
    batch: int
    seconds: float = 0.0
    accepted: int = 0
    others: int = 0
    statuses: dict = field(default_factory=dict)
    took_ms: list = field(default_factory=list)
    # Processor seconds of what served, and of Postgres.
    cpu_s: list = field(default_factory=list)

    @property
    def events_per_s(self):
        return self.accepted / self.seconds if self.seconds else 0.0

    def quantile(self, part):
        ordered = sorted(self.took_ms)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


class Connection(asyncio.Protocol):
    """One connection that keeps one request under way until its time is over."""

    def __init__(self, requests, result, until, done):
        self.requests, self.result, self.until, self.done = requests, result, until, done
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        if time.perf_counter() >= self.until:
            self.transport.close()
            return
        request = next(self.requests)
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data):
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(LENGTH.search(head)[1])
        if len(body) < length:
            return
        self.buffer = body[length:]
        self.count(int(head[9:12]), body[:length])
        self.send()

    def count(self, status, body):
        result = self.result
        result.took_ms.append((time.perf_counter() - self.sent_at) * 1000)
        result.statuses[status] = result.statuses.get(status, 0) + 1
        if status == 202:
            answer = json.loads(body)
            result.accepted += answer["accepted"]
            result.others += answer["duplicates"]

    def connection_lost(self, error):
        if not self.done.done():
            self.done.set_result(error)


async def run(port, workload, connections, seconds):
    """Load a server on this port; returns when every request has its answer."""
    loop = asyncio.get_running_loop()
    result = Result(connections, workload.events)
    began = time.perf_counter()
    ends = []
    for _ in range(connections):
        done = loop.create_future()
        ends.append(done)
        requests = workload.requests()
        await loop.create_connection(
            lambda requests=requests, done=done: Connection(requests, result, began + seconds, done), "127.0.0.1", port
        )
    await asyncio.gather(*ends)
    result.seconds = time.perf_counter() - began
    return result
