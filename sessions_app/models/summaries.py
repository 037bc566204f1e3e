"""Settled numbers with their revisions, the list of sessions to settle, and rollups over many sessions."""

from django.db import models
from django.db.models import Q

from sessions_app.models.sessions import MediaSession
from sessions_app.models.workspaces import Workspace


class SettleDue(models.Model):
    """A session whose numbers are to be settled: written with the events, claimed by lease on the database's clock."""

    session = models.OneToOneField(
        MediaSession,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="settle_due",
    )
    # ended, timed_out, late_data, refold: why it was put here
    why = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=64, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="settle_due_first")]

    def __str__(self) -> str:
        return f"settle {self.session_id} ({self.why})"


class SessionSummary(models.Model):
    """One revision of a session's settled numbers. The newest is `is_latest`."""

    session = models.ForeignKey(
        MediaSession, on_delete=models.DO_NOTHING, db_constraint=False, related_name="summaries"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    revision = models.PositiveIntegerField()
    is_latest = models.BooleanField(default=True)
    session_version = models.BigIntegerField()
    fold_version = models.PositiveSmallIntegerField()
    settled_at = models.DateTimeField()
    started_at_ms = models.BigIntegerField()
    ended_at_ms = models.BigIntegerField()
    ended_reason = models.CharField(max_length=20)
    # Every number of docs/metrics.md by name.
    values = models.JSONField()
    # What the client's own Media Session Summary said, in ms, and how it compares: [{field, client, server, …}].
    client = models.JSONField(null=True)
    reconciliation = models.JSONField(default=list)
    # Why this revision: [{"field", "before", "after"}] and the reason in words.
    reason = models.TextField(default="")
    changes = models.JSONField(default=list)
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "revision"], name="summary_revision_once"),
            models.UniqueConstraint(fields=["session"], condition=Q(is_latest=True), name="one_latest_summary"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-started_at_ms"], name="summary_newest", condition=Q(is_latest=True))
        ]

    def __str__(self) -> str:
        return f"summary {self.session_id} r{self.revision}"


class AdSummary(models.Model):
    """One ad of a settled session (the latest revision only)."""

    session = models.ForeignKey(MediaSession, on_delete=models.DO_NOTHING, db_constraint=False, related_name="ads")
    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    started_at_ms = models.BigIntegerField()
    values = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="ad_summary_once")]
        indexes = [models.Index(fields=["workspace", "-started_at_ms"], name="ad_summary_newest")]

    def __str__(self) -> str:
        return f"ad {self.number} of {self.session_id}"


class SegmentSummary(models.Model):
    """One segment of a settled session (the latest revision only)."""

    session = models.ForeignKey(MediaSession, on_delete=models.DO_NOTHING, db_constraint=False, related_name="segments")
    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    started_at_ms = models.BigIntegerField()
    values = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="segment_summary_once")]
        indexes = [models.Index(fields=["workspace", "-started_at_ms"], name="segment_summary_newest")]

    def __str__(self) -> str:
        return f"segment {self.number} of {self.session_id}"


class Rollup(models.Model):
    """Sums over settled sessions of one (workspace, title, platform, input).

    Sums only, never means: ratios are made when read. `sums` is flat, name → whole number; what the names mean stands
    in `summaries/shares.py`. A session's own share is kept beside it (`RollupShare`), so that a later revision is taken
    out and put in again without scanning anything.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    input_id = models.BigIntegerField()
    platform = models.TextField(default="")
    content_id = models.TextField(default="")
    sums = models.JSONField(default=dict)

    class Meta:
        abstract = True


class MinuteRollup(Rollup):
    """What happened in one minute of viewing."""

    minute = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "minute", "input_id", "platform", "content_id"], name="rolled_up_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "content_id", "minute"], name="minutes_of_a_title")]

    def __str__(self) -> str:
        return f"{self.minute:%d %H:%M} {self.content_id}"


class DayRollup(Rollup):
    """What happened on one UTC day; `viewers` are the sessions seen that day, not the sum of its minutes."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "day", "input_id", "platform", "content_id"], name="rolled_up_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["workspace", "content_id", "day"], name="days_of_a_title")]

    def __str__(self) -> str:
        return f"{self.day} {self.content_id}"


class RollupShare(models.Model):
    """What one settled session put into the rollups, under which keys: {"minutes": {…}, "days": {…}}."""

    session = models.OneToOneField(
        MediaSession,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="rollup_share",
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    input_id = models.BigIntegerField()
    platform = models.TextField(default="")
    content_id = models.TextField(default="")
    share = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"share of {self.session_id}"
