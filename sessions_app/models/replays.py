"""Stored sessions that are played again as if they were live: each row is the work order of one replay."""

from django.db import models
from django.db.models import Q

from sessions_app.models.sessions import MediaSession
from sessions_app.models.workspaces import Input, Workspace


class ReplayState(models.TextChoices):
    """Where a replay stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


class Replay(models.Model):
    """One stored session, played again into a sandbox workspace.

    What was stored when it was asked for (`last_seq`) is posted to our own door, each event at its own moment after
    `started_at`, `speed` times as fast. `position` events have been taken; a worker holds the row by lease.
    """

    # Whose session it is; the sandbox is `input`'s.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="replays", db_index=False)
    session = models.ForeignKey(MediaSession, on_delete=models.DO_NOTHING, db_constraint=False, related_name="replays")
    input = models.ForeignKey(Input, on_delete=models.CASCADE)
    # The session it becomes, and blake2b-128 of it.
    media_session_id = models.TextField()
    session_key = models.UUIDField(unique=True)
    speed = models.PositiveSmallIntegerField(default=1)
    last_seq = models.BigIntegerField()
    total = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    requested_by = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=ReplayState.choices, default=ReplayState.RUNNING)
    # When the next event is due, or the next try after one that failed.
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")
    owner = models.CharField(max_length=64, default="")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="replay_newest"),
            models.Index(fields=["next_at"], name="replay_due", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"replay {self.pk} {self.state} {self.position}/{self.total}"
