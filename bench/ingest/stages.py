"""`python -m bench.ingest.stages [events]`: where an event's time goes, from a body to its commit, step by step.

One process without a server or a client: batches of the workload are read and written by the doors' and the writer's
own functions, eight requests a transaction, on a Postgres of the run's own. Only processor time counts, and of the
rounds only the best tenth, so that a busy machine changes little. What HTTP costs comes on top.
"""

import contextlib
import functools
import os
import sys
import time
from collections import Counter

from tests.servers import start_servers

start_servers()
os.environ["DJANGO_SETTINGS_MODULE"] = "mediadash.settings"

import django  # noqa: E402 - the servers must be there before Django reads its settings

django.setup()

from django.core.management import call_command  # noqa: E402

from bench.ingest.servers import cpu_s  # noqa: E402
from bench.ingest.workload import Workload  # noqa: E402
from sessions_app.ingest import (  # noqa: E402
    accounting,
    body,
    consequences,
    events,
    inputs,
    raw_batches,
    routes,
    rows,
    sessions,
    store,
)
from sessions_app.ingest.database import connect  # noqa: E402
from sessions_app.ingest.exchange import Exchange  # noqa: E402
from sessions_app.ingest.memory import Memory  # noqa: E402
from sessions_app.ingest.partitions import ensure_partitions  # noqa: E402
from sessions_app.ingest.received import Received  # noqa: E402
from sessions_app.models import Input, Workspace  # noqa: E402
from sessions_app.timeline import session as timeline_session  # noqa: E402

ROUNDS, WARM_UP = 150, 20
REQUESTS = 8  # that share a transaction

# Functions an event passes, as their callers find them, and what their own time is called.
STEPS = (
    (body, "read_batches", "parse"),
    (store, "Group", "sort into sessions"),
    (raw_batches, "store", "raw batch"),
    (rows, "raw_row", "raw batch: row"),
    (sessions, "lock", "session: lock"),
    (events, "store", "event: COPY"),
    (rows, "event_rows", "event: row"),
    (Exchange, "flush", "exchanges"),
    (sessions, "advance", "session: update"),
    (timeline_session, "extend", "fold"),
    (timeline_session, "replay", "fold"),
    (consequences, "link_identities", "consequences"),
    (consequences, "enqueue_deliveries", "consequences"),
    (consequences, "settle_due", "consequences"),
    (accounting, "count", "accounts"),
    (store, "write_group", "transaction"),
)


class Clock:
    """Processor time by step; what a step spends in another one counts as the other's."""

    def __init__(self):
        self.spent, self.within = Counter(), []

    @contextlib.contextmanager
    def step(self, name):
        self.within.append(0.0)
        began = time.process_time()
        try:
            yield
        finally:
            took = time.process_time() - began
            self.spent[name] += took - self.within.pop()
            if self.within:
                self.within[-1] += took

    def watch(self, module, function, name):
        original = getattr(module, function)

        @functools.wraps(original)
        def timed(*arguments, **options):
            with self.step(name):
                return original(*arguments, **options)

        setattr(module, function, timed)


def rounds_of(count, clock):
    """Seconds by step of each round; and Postgres' processor seconds in all of them."""
    conn = connect("stages")
    ensure_partitions(conn)
    source, memory = inputs.load_snapshot(conn)["stages"], Memory("stages")
    viewers, rounds, backend = [Workload(count, {}).requests() for _ in range(REQUESTS)], [], [conn.info.backend_pid]
    for number in range(WARM_UP + ROUNDS):
        clock.spent = Counter()
        if number == WARM_UP:
            used = cpu_s(backend)
        store_once(conn, memory, source, [next(viewer).partition(b"\r\n\r\n")[2] for viewer in viewers], count)
        rounds.append(clock.spent)
    return rounds[WARM_UP:], cpu_s(backend) - used


def store_once(conn, memory, source, bodies, count):
    now_ms, received = int(time.time() * 1000), []
    for sent in bodies:
        batches, fault = body.read_batches(sent, routes.SERVER, now_ms, source.platform)
        assert fault is None
        received.append(Received(source, "server", b"{}", now_ms, sent, batches))
    written = store.write_group(conn, received, memory)
    assert all(outcome.accepted == count for outcome in written.outcomes)


def main(count):
    call_command("migrate", verbosity=0)
    workspace = Workspace.objects.create(name="Stages", slug="stages")
    Input.objects.create(workspace=workspace, name="stages", key="stages", platform="server", secret_sha256=b"-")
    clock = Clock()
    for step in STEPS:
        clock.watch(*step)
    rounds, postgres_s = rounds_of(count, clock)
    best = sorted(rounds, key=Counter.total)[: ROUNDS // 10]
    spent = sum(best, Counter())
    for name, seconds in [*spent.most_common(), ("all of it", spent.total())]:
        print(f"{name:<20} {1e6 * seconds / (len(best) * REQUESTS * count):8.2f} µs an event")
    print(f"{'Postgres, besides':<20} {1e6 * postgres_s / (ROUNDS * REQUESTS * count):8.2f} µs an event (all rounds)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 100)
