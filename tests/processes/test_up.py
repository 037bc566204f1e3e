"""`manage.py up`: one command starts everything, keeps it running, and stops it cleanly."""

import os
import re
import signal
import socket
import tempfile
import threading
import uuid
from pathlib import Path

import pytest

from tests.stack import Stack, batch_of, command_line, media_event, wait_until

pytestmark = pytest.mark.processes

# Whose death is survived, and how its process is known.
VICTIMS = {
    "web": "manage.py serve",
    "worker": "celery --quiet -A mediadash worker",
    "valkey": "valkey-server",
    "postgres": "bin/postgres -D",
}
BACK_WITHIN_S = 10


@pytest.fixture(scope="module")
def stack():
    running = Stack(WEB_PROCESSES="2").until_ready(150).with_keys()
    yield running
    running.throw_away()


def is_running(pid):
    return bool(command_line(pid))


def stored_ids(stack, session):
    row = stack.get_json(f"/api/v1/sessions/?media_session_id={session}")["results"][0]
    found, after = set(), 0
    while True:
        page = stack.get_json(f"/api/v1/sessions/{row['id']}/events/?after={after}&limit=200")
        found |= {event["attributes"]["ledger"] for event in page["events"]}
        if not page["events"]:
            return found
        after = page["events"][-1]["seq"]


class Sender(threading.Thread):
    """Sends one event after another, each again until it is acknowledged; keeps a ledger of what was."""

    def __init__(self, stack, session):
        super().__init__(daemon=True)
        self.stack, self.session = stack, session
        self.acknowledged = set()
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            ledger = str(uuid.uuid4())
            batch = batch_of(media_event(self.session, "Update Playhead Position", ledger, ledger=ledger))
            while not self.enough.is_set():
                status, _ = self.stack.post_events(batch, timeout=4)
                if status == 202:
                    self.acknowledged.add(ledger)
                    break
                assert status in (0, 503), status
                self.enough.wait(0.1)

    def goes_on(self):
        """Waits for an acknowledgement that was not there at the call."""
        before = len(self.acknowledged)
        return lambda: len(self.acknowledged) > before


def test_whatever_is_killed_comes_back_and_nothing_acknowledged_is_lost(stack):
    session = f"killed-{uuid.uuid4()}"
    sender = Sender(stack, session)
    sender.start()
    wait_until(sender.goes_on(), what="the first acknowledgement")
    for name, word in VICTIMS.items():
        before = stack.pids(word)
        os.kill(before[0], signal.SIGKILL)
        wait_until(
            lambda word=word, before=before: set(stack.pids(word)) - set(before),
            BACK_WITHIN_S,
            f"{name} is started again",
        )
        wait_until(sender.goes_on(), BACK_WITHIN_S, f"events are acknowledged after {name} was killed")
        wait_until(stack.is_ready, BACK_WITHIN_S, f"ready after {name} was killed")
    sender.enough.set()
    sender.join(10)
    assert len(sender.acknowledged) > len(VICTIMS)
    assert sender.acknowledged <= stored_ids(stack, session)


def test_every_web_process_answers_with_the_figures_of_all_of_them(stack):
    """Each request has a connection of its own, so one or the other answers: no count falls, and none is missed."""
    asked = [requests_counted(stack) for _ in range(12)]
    assert asked == list(range(asked[0], asked[0] + 12))


def requests_counted(stack):
    status, page = stack.get("/metrics")
    assert status == 200
    line = re.search(r"^django_http_requests_before_middlewares_total (\S+)$", page.decode(), re.MULTILINE)
    return int(float(line[1]))


def test_a_second_start_on_the_same_data_folder_is_refused_with_words(stack):
    second = Stack(home=stack.home)
    assert second.process.wait(30) == 1
    assert "running on" in second.log.read_text()


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = Stack(PORT=str(port))
        try:
            assert refused.process.wait(30) == 1
            assert f"Port {port}" in refused.log.read_text()
        finally:
            refused.throw_away()


def test_stopping_leaves_nothing_running_and_a_second_start_finds_the_data():
    nothing_yet = Path(tempfile.mkdtemp(prefix="mdstack-"))
    first = Stack(home=nothing_yet).until_ready(150).with_keys()
    try:
        session = f"kept-{uuid.uuid4()}"
        assert first.post_events(batch_of(media_event(session, "Play")))[0] == 202
        children = first.pids("")
        assert first.stop() == 0
        assert not [pid for pid in children if is_running(pid)]
        second = Stack(home=first.home).until_ready(150)
        second.key, second.secret, second.token = first.key, first.secret, first.token
        try:
            assert second.get_json(f"/api/v1/sessions/?media_session_id={session}")["results"]
        finally:
            second.stop()
    finally:
        first.throw_away()


def test_nothing_outlives_a_supervisor_that_was_killed():
    running = Stack().until_ready(150)
    try:
        children = running.pids("")
        running.process.kill()
        running.process.wait()
        wait_until(lambda: not [pid for pid in children if is_running(pid)], 20, "every child has ended")
    finally:
        running.throw_away()
