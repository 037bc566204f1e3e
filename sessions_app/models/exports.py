"""Files made for people, and their schedules."""

from django.db import models

from sessions_app.models.workspaces import Workspace


class Export(models.Model):
    """One file asked for: what, in which form, how far it is, where it lies and how long."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    # summaries, ads, segments, qos, events
    dataset = models.CharField(max_length=16)
    # csv, xlsx, jsonl
    format = models.CharField(max_length=8)
    # {"from_ms", "to_ms", "columns", "content_id", "platform", …}
    options = models.JSONField(default=dict)
    requested_by = models.TextField()
    requested_at = models.DateTimeField()
    # queued, running, done, failed, cancelled, expired
    status = models.CharField(max_length=10, default="queued")
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    file_name = models.TextField(default="")
    error = models.TextField(default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=64, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Which schedule asked for it; null when a person did, or when the schedule is gone.
    schedule = models.ForeignKey(
        "ExportSchedule", on_delete=models.SET_NULL, null=True, db_index=False, related_name="runs"
    )

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="export_newest"),
            models.Index(fields=["schedule", "-id"], name="newest_run", condition=models.Q(schedule__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class ExportSchedule(models.Model):
    """An export made again and again."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    dataset = models.CharField(max_length=16)
    format = models.CharField(max_length=8)
    options = models.JSONField(default=dict)
    # hourly, daily, weekly; at the start of that period in the workspace's time zone
    every = models.CharField(max_length=8)
    is_on = models.BooleanField(default=True)
    created_by = models.TextField()
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.every}"
