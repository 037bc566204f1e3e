"""`python -m bench.ingest`: one run, one Postgres, four ways to store events, as ratios; under four minutes.

    --seconds N   how long each of the eighteen measurements lasts (default 4)
    --flat [ROWS] instead: the cost of an event before and after the table holds so many (default 5,000,000)
    --json FILE   keep the figures

Ends with status 1 when Postgres holds another number of events than was acknowledged.
"""

import argparse
import asyncio
import json
import statistics
import sys
from pathlib import Path

from bench.ingest import load, raw_copy
from bench.ingest.servers import Servers
from bench.ingest.workload import Workload

CONNECTIONS = (1, 8, 64)
BATCHES = (100, 1)
WARM_UP_S = 1.0
EVENTS = "SELECT count(*) FROM sessions_app_mediaevent"
NAIVE_EVENTS = "SELECT count(*) FROM naive_event"
FILL = """
INSERT INTO sessions_app_mediaevent (session_day, session_id, event_key, seq, name, at_ms, batch_at_ms, index_in_batch,
    received_at_ms, raw_batch_id, content_hash, attributes)
SELECT current_date, 1000000000 + n / 1000, md5(n::text)::uuid, n %% 1000 + 1, 'Play', 1795000000000 + n, 0, 0,
    1795000000000 + n, 0, n, '{"content_id":"movie-017","content_type":"Video","playhead_position":' || n || '}'
FROM generate_series(1, %s) n
"""


class Bench:
    def __init__(self, servers, seconds):
        self.servers, self.seconds = servers, seconds
        self.results = {}
        self.is_exact = True

    def measure(self, name, serving, count, headers):
        """All batches and connections against one server; what is stored must be what was acknowledged."""
        acknowledged, before = 0, None
        with serving as port:
            before = count()
            for events in BATCHES:
                workload = Workload(events, headers)
                acknowledged += asyncio.run(load.run(port, workload, 8, WARM_UP_S)).accepted
                for connections in CONNECTIONS:
                    used = self.servers.processor()
                    result = asyncio.run(load.run(port, workload, connections, self.seconds))
                    result.cpu_s = [after - at for after, at in zip(self.servers.processor(), used, strict=True)]
                    acknowledged += result.accepted
                    self.results[(name, events, connections)] = result
                    self.say(name, result)
            stored = count() - before
        self.is_exact &= stored == acknowledged
        verdict = "as acknowledged" if stored == acknowledged else f"BUT {acknowledged:,} ACKNOWLEDGED"
        print(f"{name:<12} {stored:,} events in Postgres, {verdict}\n", flush=True)

    def say(self, name, result):
        refused = {status: times for status, times in result.statuses.items() if status != 202}
        asked = f"{name:<12} {result.batch:>4} a batch {result.connections:>3} connections"
        took = f"p50 {result.quantile(0.5):>7.1f} ms   p99 {result.quantile(0.99):>7.1f} ms"
        served, stored = (1e6 * used / max(1, result.accepted) for used in result.cpu_s)
        costs = f"CPU µs an event: {served:>6.0f} server {stored:>5.0f} Postgres"
        print(f"{asked} {result.events_per_s:>8,.0f} events/s   {took}   {costs}   {refused or ''}", flush=True)

    def best(self, name, events):
        return max(self.results[(name, events, connections)].events_per_s for connections in CONNECTIONS)

    def at(self, name, events, connections):
        return self.results[(name, events, connections)].events_per_s

    def ratios(self, raw):
        return {
            "raw_copy_rows_per_s": raw,
            "ours_to_raw_copy": self.best("ours", 100) / raw,
            "recommended_to_raw_copy": self.best("recommended", 100) / raw,
            "ours_to_naive_100": self.best("ours", 100) / self.best("naive", 100),
            "ours_to_naive_1_at_64": self.at("ours", 1, 64) / self.at("naive", 1, 64),
        }

    def show(self, figures):
        """Everything in one table, then the ratios beside what is wanted of them."""
        print("events/s      " + "".join(f"{f'{events} × {at}':>12}" for events in BATCHES for at in CONNECTIONS))
        for name in dict.fromkeys(name for name, _, _ in self.results):
            rates = [self.at(name, events, at) for events in BATCHES for at in CONNECTIONS]
            print(f"{name:<14}" + "".join(f"{rate:>12,.0f}" for rate in rates))
        print(f"raw COPY      {figures['raw_copy_rows_per_s']:>12,.0f} rows/s\n")
        for name, wanted in WANTED.items():
            verdict = "met" if figures[name] >= wanted else "NOT MET"
            print(f"{name:<24} {figures[name]:>8.2f}   wanted {wanted:g}: {verdict}")


WANTED = {
    "ours_to_raw_copy": 0.25,
    "recommended_to_raw_copy": 0.40,
    "ours_to_naive_100": 80,
    "ours_to_naive_1_at_64": 15,
}
MOST_FLAT = 1.15


def flat(servers, rows, seconds):
    """The processor time an event costs the web process and Postgres, before and after the table is filled."""
    workload, costs = Workload(100, servers.credentials()), []
    servers.serving = servers.stack.pids("serve")
    for fill in (0, rows):
        if fill:
            with servers.connect() as conn:
                conn.execute(FILL, [fill])
                conn.execute("ANALYZE sessions_app_mediaevent")
                conn.execute("CHECKPOINT")
        asyncio.run(load.run(servers.stack.port, workload, 8, WARM_UP_S))
        costs.append(statistics.median(cost_of_an_event(servers, workload, seconds) for _ in range(5)))
    ratio = costs[1] / costs[0]
    verdict = "met" if ratio <= MOST_FLAT else "NOT MET"
    print(f"an event costs {costs[0]:.0f} µs in an empty store, {costs[1]:.0f} µs beside {rows:,}: {ratio:.2f} ×")
    print(f"wanted: at most {MOST_FLAT} × ({verdict})")
    return ratio


def cost_of_an_event(servers, workload, seconds):
    used = sum(servers.processor())
    stored = asyncio.run(load.run(servers.stack.port, workload, 8, seconds)).accepted
    return 1e6 * (sum(servers.processor()) - used) / stored


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--flat", type=int, nargs="?", const=5_000_000, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    servers = Servers()
    try:
        bench, figures = run(servers, options)
    finally:
        servers.close()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    sys.exit(0 if bench.is_exact else 1)


def run(servers, options):
    bench = Bench(servers, options.seconds)
    if options.flat:
        return bench, {"cost_when_full": flat(servers, options.flat, options.seconds)}
    ours = servers.credentials()
    bench.measure("ours", servers.ours(), lambda: servers.count(EVENTS), ours)
    bench.measure("recommended", servers.recommended(), lambda: servers.count(EVENTS), ours)
    bench.measure("naive", servers.naive(), lambda: servers.count(NAIVE_EVENTS, servers.naive_database), {})
    with servers.connect() as conn:
        figures = bench.ratios(raw_copy.rows_per_s(conn))
    bench.show(figures)
    return bench, figures


if __name__ == "__main__":
    main()
