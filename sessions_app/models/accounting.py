"""Where every event went: counts per input and minute, what is in quarantine, what was refused at the door."""

from django.db import models

from sessions_app.models.workspaces import Input


class IngestCount(models.Model):
    """received = stored + duplicate + quarantined + refused, for one input and minute and one writing process.

    Each process has rows of its own (`writer`), so that two never wait for one another's commit. Counted in the
    transaction that stores the events. `ignored` are events that are not media events: received by the batch, not
    meant for us, outside the identity. `refused` counts requests turned away with a known key.
    """

    input = models.ForeignKey(Input, on_delete=models.CASCADE, db_index=False)
    minute = models.DateTimeField()
    writer = models.CharField(max_length=40)
    received = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    ignored = models.BigIntegerField(default=0)
    batches = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    clock_corrected = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["input", "minute", "writer"], name="ingest_counted_once_per_writer")
        ]

    def __str__(self) -> str:
        return f"{self.input_id} {self.minute:%H:%M} {self.received}"


class Quarantined(models.Model):
    """An event or a whole batch that could not be stored, with the reason and its bytes; may be replayed."""

    input = models.ForeignKey(Input, on_delete=models.CASCADE)
    # INVALID_EVENT, INVALID_TIMESTAMP, INVALID_NUMBER, INVALID_TEXT, INVALID_JSON, CONFLICT, …
    code = models.CharField(max_length=32)
    message = models.TextField()
    # JSON pointer to the offending value inside `raw`.
    pointer = models.TextField(default="")
    event_name = models.TextField(null=True)
    media_session_id = models.TextField(null=True)
    door = models.CharField(max_length=16)
    headers = models.JSONField(default=dict)
    # The event (wrapped as one batch, so that it can be replayed) or the whole body.
    raw = models.BinaryField()
    # The same bytes refused for the same reason again only raise `times`.
    raw_key = models.UUIDField()
    times = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True)
    # stored, duplicate, quarantined: how the replay ended
    replay_outcome = models.CharField(max_length=16, null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["input", "raw_key", "code"], name="quarantined_once")]
        indexes = [models.Index(fields=["input", "-received_at"], name="quarantine_newest")]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class RefusedRequest(models.Model):
    """A request turned away before anything of it was kept: first run and data quality show why.

    Grouped by (input or none, status, reason) and minute; a flood makes one row a minute.
    """

    input = models.ForeignKey(Input, on_delete=models.CASCADE, null=True)
    minute = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=32)
    reason = models.TextField()
    client = models.TextField(default="")
    times = models.BigIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["-minute"], name="refused_newest")]

    def __str__(self) -> str:
        return f"{self.status} {self.code} × {self.times}"
