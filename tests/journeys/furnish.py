"""What the pictures need beside sessions: destinations well and ill, dead letters, quarantine, exports in every state,
a workspace nobody has sent to and one where nobody is watching.

Forwarding is real: two stand-ins for mParticle take, refuse and fail. Exports are rows written as a worker leaves
them, so that a running one stays at the same place in every picture.
"""

import contextlib
import json
import time
import uuid
from collections.abc import Iterator

from sessions_app.forwarding.sandbox import Sandbox
from sessions_app.forwarding.sandbox_server import SandboxServer
from tests.stack import Stack, batch_of, media_event, wait_until

REFUSAL = json.dumps({"errors": [{"code": "BAD_REQUEST", "message": "ad_skipped must be a string"}]})

# Run by `manage.py shell`: what has no door of its own.
DESTINATIONS = """
from mediadash import crypto
from sessions_app.models import Destination, Workspace
workspace = Workspace.objects.get(slug="demo")
for name, url, held in {destinations!r}:
    Destination.objects.create(workspace=workspace, name=name, url=url, key="us1-feed", held_reason=held,
        secret_encrypted=crypto.encrypt("secret"))
"""
EXPORTS = """
import datetime as dt
from sessions_app.models import Export, ExportSchedule, Workspace
from sessions_app.models.clock import database_now
now, workspace = database_now(), Workspace.objects.get(slug="demo")
ago = lambda **back: now - dt.timedelta(**back)
def made(name, dataset, form, status, **columns):
    words = dict(name=name, dataset=dataset, format=form, status=status, requested_by="ops@demo.example")
    Export.objects.create(workspace=workspace, requested_at=ago(hours=1), **{**words, **columns})
made("Summaries, week 46", "summaries", "csv", "expired", rows_done=46_377, bytes=5_900_000, finished_at=ago(days=4))
made("Events, all of October", "events", "xlsx", "failed", finished_at=ago(hours=30),
    error="An XLSX sheet holds 1,048,575 rows and this would be more. Choose CSV, or fewer days.")
made("Ads, Kite Mobile", "ads", "xlsx", "done", rows_done=18_240, bytes=1_700_000, finished_at=ago(hours=3),
    expires_at=now + dt.timedelta(hours=69))
made("Summaries, yesterday", "summaries", "csv", "done", rows_done=6_912, bytes=910_000, finished_at=ago(minutes=44),
    expires_at=now + dt.timedelta(hours=71), requested_by="schedule")
made("Events, Harbour Lights", "events", "jsonl", "running", rows_done=801_540, rows_total=1_314_000,
    started_at=ago(seconds=88), lease_until=now + dt.timedelta(days=1), owner="pictures")
def planned(name, dataset, every, is_on, status, **run):
    plan = ExportSchedule.objects.create(workspace=workspace, name=name, dataset=dataset, format="csv", every=every,
        is_on=is_on, created_by="ops@demo.example", next_at=now + dt.timedelta(hours=9))
    made(name + ", last run", dataset, "csv", status, schedule=plan, requested_by="schedule", **run)
planned("Sessions, daily", "summaries", "daily", True, "expired", rows_done=6_912, bytes=910_000,
    started_at=ago(hours=1, seconds=14), finished_at=ago(hours=1))
planned("QoS, daily", "qos", "daily", True, "running", rows_done=88_000, rows_total=410_000,
    started_at=ago(seconds=9), lease_until=now + dt.timedelta(days=1), owner="pictures")
planned("Ads, weekly", "ads", "weekly", False, "failed", finished_at=ago(days=5),
    error="The disk is full. Ask ops to free some space, then ask for the file again.")
"""
WORKSPACES = """
import json
from django.contrib.auth import get_user_model
from sessions_app.models import Membership
from sessions_app.viewers.setup import make_input, workspace_named
admin = get_user_model().objects.get(username="admin@demo.example")
fresh, quiet = workspace_named("fresh", "Northlight Kids"), workspace_named("quiet", "Northlight Radio")
for workspace in (fresh, quiet):
    Membership.objects.get_or_create(user=admin, workspace=workspace, role="admin")
make_input(fresh, "Web", "web")
made = make_input(quiet, "Server")
print(json.dumps([made.input.key, made.secret]))
"""


@contextlib.contextmanager
def stand_ins() -> Iterator[tuple[str, str]]:
    """The addresses of two stand-ins for mParticle: one takes all but what it refuses, one is down."""
    taking, failing = Sandbox(), Sandbox()
    taking.answer_with({"status": 400, "text": REFUSAL, "when": '"Ad Skip"', "times": -1})
    failing.answer_with({"status": 503, "text": "Service Unavailable", "times": -1})
    with SandboxServer(taking) as first, SandboxServer(failing) as second:
        yield first.url, second.url


def furnish(stack: Stack, taking: str, failing: str) -> None:
    """All of it; before the first session is sent, so that everything is forwarded."""
    destinations = [
        ("mParticle US1 · production", taking, ""),
        ("mParticle EU1 · production", failing, ""),
        ("mParticle US1 · staging", taking, "paused"),
    ]
    workspaces(stack, DESTINATIONS.format(destinations=destinations) + EXPORTS)
    quarantine(stack)


def workspaces(stack: Stack, besides: str = "") -> None:
    """One that only refused something, and one whose only session is over. Its admin is the demo's."""
    quiet = json.loads(stack.manage("shell", "-v0", "-c", besides + WORKSPACES).splitlines()[-1])
    names = ("Media Session Start", "Play", "Media Session End")
    session, at_ms = str(uuid.uuid4()), int(time.time() * 1000) - 600_000
    over = batch_of(*(media_event(session, name, at_ms=at_ms + 9_000 * at) for at, name in enumerate(names)))
    post_as(stack, *quiet, over)
    post_as(stack, "us1-nobodys-key", "wrong", over)


def post_as(stack: Stack, key: str, secret: str, batch: dict) -> None:
    own = stack.key, stack.secret
    stack.key, stack.secret = key, secret
    stack.post_events(batch)
    stack.key, stack.secret = own


def quarantine(stack: Stack) -> None:
    """Input that cannot be stored, of several kinds."""
    for times in ("soon", "yesterday", "now"):
        odd = media_event(str(uuid.uuid4()), "Play")
        odd["data"]["timestamp_unixtime_ms"] = times
        stack.post_events(batch_of(odd))
    listed = media_event(str(uuid.uuid4()), "Buffer End")
    listed["data"]["custom_attributes"] = ["not", "a", "map"]
    stack.post_events(batch_of(listed))


def wait_for_dead_letters(stack: Stack) -> None:
    count = "from sessions_app.models import Delivery; print(Delivery.objects.filter(status='dead').count())"
    wait_until(lambda: int(stack.manage("shell", "-v0", "-c", count).split()[-1]), 180, "a batch is given up")
