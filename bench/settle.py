"""How long one worker takes to settle ended sessions: promised are 10,000 of 60 events within 60 s.

    .venv/bin/python -m bench.settle [--sessions 10000]

Starts a Postgres of its own, tells it the sessions through the store (not timed), settles them with one worker (timed),
and checks that each got one revision and that the rollups hold every play. CPU time per session, the worker's and its
Postgres process', says the same on a machine that does other things as well.
"""

import argparse
import json
import os
import time
from pathlib import Path

from tests.servers import start_servers

SESSIONS_PER_BATCH = 5
PROMISED_S_PER_SESSION = 60 / 10_000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000)
    options = parser.parse_args()
    start_servers()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediadash.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    tell(options.sessions)
    took_s, worker_s, postgres_s = settle(options.sessions)
    check(options.sessions)
    promised_s = options.sessions * PROMISED_S_PER_SESSION
    rate = f"{options.sessions / took_s:.0f} sessions/s"
    print(f"settled {options.sessions} sessions of 60 events in {took_s:.1f} s, {rate}")
    worker_ms, postgres_ms = (1000 * cpu_s / options.sessions for cpu_s in (worker_s, postgres_s))
    print(f"CPU per session: worker {worker_ms:.2f} ms, Postgres {postgres_ms:.2f} ms")
    print(f"promised within {promised_s:.1f} s:", "ok" if took_s <= promised_s else "TOO SLOW")


def tell(sessions):
    from django.db import connection

    from sessions_app.ingest.inputs import load_snapshot
    from sessions_app.ingest.memory import Memory
    from sessions_app.ingest.partitions import ensure_partitions
    from sessions_app.ingest.received import Received
    from sessions_app.ingest.store import write_group
    from sessions_app.models import Workspace
    from sessions_app.viewers.setup import make_input
    from sessions_app.wire.parse import parse

    made = make_input(Workspace.objects.create(name="Bench", slug="bench"), "bench", "server")
    connection.ensure_connection()
    conn = connection.connection
    ensure_partitions(conn)
    known, memory = load_snapshot(conn)[made.input.key], Memory("bench")
    now_ms, started, requests = round(time.time() * 1000), time.monotonic(), []
    for first in range(0, sessions, SESSIONS_PER_BATCH):
        events = [
            event
            for number in range(first, min(first + SESSIONS_PER_BATCH, sessions))
            for event in story(number, now_ms)
        ]
        body = json.dumps({"environment": "production", "mpid": str(first + 1), "events": events}).encode()
        requests.append(Received(known, "server", b"{}", now_ms, body, (parse(body, now_ms, "server"),)))
        if len(requests) == 8 or first + SESSIONS_PER_BATCH >= sessions:
            write_group(conn, requests, memory)
            requests = []
    print(f"told {sessions * 60} events in {time.monotonic() - started:.1f} s")


def story(number, now_ms):
    """Sixty events of a viewer: ads before, stalls, a seek, quality reports, a pause, to the end."""
    at_ms = now_ms - 3_600_000 - (number % 600) * 60_000
    session = f"bench-{number}"
    told = []

    def tells(name, wait_ms, **attributes):
        nonlocal at_ms
        at_ms += wait_ms
        told.append(event(session, f"{session}/{len(told)}", name, at_ms, number, attributes))

    tells("Media Session Start", 0)
    tells("Ad Break Start", 100, ad_break_id="pre")
    for ad in ("shoes", "cars"):
        tells("Ad Start", 50, ad_content_id=ad, ad_break_id="pre")
        tells("Ad End", 15_000, ad_content_id=ad, ad_break_id="pre")
    tells("Ad Break End", 10, ad_break_id="pre")
    tells("Play", 300, playhead_position=0)
    for chapter in range(4):
        tells("Segment Start", 10, segment_index=chapter, segment_title=f"Chapter {chapter}")
        for beat in range(8):
            tells("Update Playhead Position", 10_000, playhead_position=(chapter * 8 + beat + 1) * 10_000)
        tells("Update QoS", 10, qos_bitrate=2_000_000 + chapter * 500_000, qos_dropped_frames=chapter)
        tells("Buffer Start", 10)
        tells("Buffer End", 1_200)
        tells("Segment End", 10, segment_index=chapter)
    tells("Pause", 10)
    tells("Play", 8_000)
    tells("Seek Start", 10, seek_position=320_000)
    tells("Seek End", 400, seek_position=400_000)
    while len(told) < 58:
        tells("Update Playhead Position", 10_000, playhead_position=400_000)
    tells("Media Content End", 100)
    tells("Media Session End", 10)
    return told


def event(session, key, name, at_ms, number, attributes):
    return {
        "event_type": "custom_event",
        "data": {
            "event_name": name,
            "custom_event_type": "media",
            "timestamp_unixtime_ms": at_ms,
            "source_message_id": key,
            "custom_attributes": {
                "media_session_id": session, "content_id": f"title-{number % 20}", "content_title": "A title",
                "content_type": "Video", "stream_type": "OnDemand", "content_duration": 600_000, **attributes,
            },
        },
    }  # fmt: skip


def settle(sessions):
    from django.db import connection

    from mediadash.celery import collect_seldom
    from sessions_app.summaries.settle import settle_due

    collect_seldom()
    postgres = connection.connection.info.backend_pid
    worker_s, postgres_s = time.process_time(), cpu_s(postgres)
    started, taken = time.monotonic(), 0
    while taken < sessions:
        some = settle_due()
        if not some:
            break
        taken += some
        print(f"  {taken} after {time.monotonic() - started:.1f} s")
    return time.monotonic() - started, time.process_time() - worker_s, cpu_s(postgres) - postgres_s


def cpu_s(pid):
    """What a process has used so far, by Linux's account of it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check(sessions):
    from sessions_app.models import SessionSummary, SettleDue
    from sessions_app.summaries.series import Range, totals

    summaries = SessionSummary.objects.filter(revision=1, is_latest=True)
    assert summaries.count() == sessions, f"{summaries.count()} of {sessions} settled"
    assert not SettleDue.objects.exists()
    workspace = summaries.first().workspace
    now_ms = round(time.time() * 1000)
    assert totals(Range(workspace, now_ms - 30 * 86_400_000, now_ms + 86_400_000))["plays"] == sessions


if __name__ == "__main__":
    main()
