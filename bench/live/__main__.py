"""`make bench-live`: POST to frame, many sessions, idle and stuck watchers; one table of what is promised and measured.

    .venv/bin/python -m bench.live [latency] [many] [idle] [stuck]

Starts Postgres, Valkey and one web process on a data folder of their own; viewers and browsers are this process. All
times are taken by one clock: a frame's delay runs from just before its POST to the frame's arrival here. A run takes
about three minutes and ends after five, whatever happens. Exit status 1: something promised was not met.
"""

import asyncio
import os
import sys

from tests.servers import start_servers

start_servers()
os.environ["DJANGO_SETTINGS_MODULE"] = "mediadash.settings"

import django  # noqa: E402 - the servers must be there before Django reads its settings

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.db import connections  # noqa: E402

from bench.live.cases import CASES, Figure  # noqa: E402
from bench.live.stage import Bench  # noqa: E402

LONGEST_S = 300


async def run(names):
    bench = await sync_to_async(Bench)()
    figures = []
    try:
        async with asyncio.timeout(LONGEST_S):
            await bench.until_ready()
            for name in names:
                print(f"{name} …", file=sys.stderr, flush=True)
                figures += await CASES[name](bench)
    except TimeoutError:
        figures.append(Figure("the run", "took longer than", float("inf"), LONGEST_S, "s"))
    finally:
        bench.web.kill()
        bench.web.wait()
        await sync_to_async(connections.close_all)()
    return figures


def table(figures):
    """Aligned lines, a case's name once."""
    load = os.getloadavg()[0]
    lines = [f"{'':56}{'measured':>12}{'at most':>12}"]
    case = None
    for figure in figures:
        if figure.case != case:
            case = figure.case
            lines.append(case)
        measured = f"{figure.measured:,.1f} {figure.unit}".strip()
        most = "" if figure.most is None else f"{figure.most:,.1f} {figure.unit}".strip()
        lines.append(f"    {figure.name:<52}{measured:>12}{most:>12}  {figure.verdict}".rstrip())
    return "\n".join([*lines, f"{os.cpu_count()} cores; load average at the end {load:.1f}"])


if __name__ == "__main__":
    measured = asyncio.run(run(sys.argv[1:] or list(CASES)))
    print(table(measured))
    sys.exit(any(figure.verdict == "NOT MET" for figure in measured))
