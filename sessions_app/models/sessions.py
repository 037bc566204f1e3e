"""Raw batches, media sessions and their events: the truth everything else is rebuilt from.

Times of the player are integers, `_ms` since 1970 by the device's clock; a player may claim any year and Postgres'
timestamps could not be read back beyond 9999. Our own clock is `received_at`.
"""

from django.db import models
from django.db.models import Q

from sessions_app.models.workspaces import Input, Workspace


class RawBatch(models.Model):
    """The bytes of one batch, unpacked, exactly as a client sent them. Kept RAW_RETENTION_DAYS."""

    id: models.BigAutoField = models.BigAutoField(primary_key=True)
    input = models.ForeignKey(Input, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    # blake2b-128 of (batch id or nothing, body): the same bytes again are not kept twice.
    batch_key = models.UUIDField()
    source_request_id = models.TextField(null=True)
    # Which door it came through, and the place in a bulk request.
    door = models.CharField(max_length=16)
    index_in_request = models.PositiveIntegerField(default=0)
    # {"user-agent": …, "content-type": …, "date": …}: what helps to explain a batch.
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["input", "batch_key"], name="raw_batch_stored_once")]

    def __str__(self) -> str:
        return f"raw batch {self.pk}"


class MediaSession(models.Model):
    """One media session of one input, with the small state of its timeline (`fold`).

    `version` rises by one with each accepted change and `last_seq` with each event: what a browser resumes from.
    Columns that change with every batch stand in no index, so that Postgres can update in place.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    input = models.ForeignKey(Input, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    media_session_id = models.TextField()
    # blake2b-128 of media_session_id, which may be longer than an index entry can be.
    session_key = models.UUIDField()
    # The UTC day the first event was received: the partition all its events are in.
    session_day = models.DateField()
    content_id = models.TextField(null=True)
    content_title = models.TextField(null=True)
    content_type = models.TextField(null=True)
    stream_type = models.TextField(null=True)
    content_duration_ms = models.BigIntegerField(null=True)
    # web, android, ios, roku, … as the client says; else the input's.
    platform = models.TextField(default="")
    device = models.TextField(default="")
    os = models.TextField(default="")
    player_name = models.TextField(default="")
    sdk_version = models.TextField(default="")
    mpid = models.TextField(default="")
    # starting playing ad buffering seeking paused no_signal ended
    state = models.CharField(max_length=12, default="starting")
    live = models.BooleanField(default=True)
    # session_end, timed_out, timed_out_paused, assumed_finished, summary_only; null while live
    ended_reason = models.CharField(max_length=20, null=True)
    # First and last event by the device's clock (corrected where it was impossible).
    started_at_ms = models.BigIntegerField()
    last_at_ms = models.BigIntegerField()
    # When the fold's timeout rule closes this session if nothing more comes, in our clock.
    closes_at_ms = models.BigIntegerField(null=True)
    first_received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    version = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField(default=0)
    duplicate_count = models.BigIntegerField(default=0)
    quarantined_count = models.BigIntegerField(default=0)
    settled_version = models.BigIntegerField(default=0)
    fold_version = models.PositiveSmallIntegerField(default=1)
    # timeline.state.State as JSON bytes.
    fold = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["input", "session_key"], name="media_session_stored_once")]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="session_newest"),
            models.Index(fields=["workspace", "-id"], name="session_live", condition=Q(live=True)),
            models.Index(fields=["workspace", "content_id", "-id"], name="session_by_content"),
            models.Index(fields=["session_key"], name="session_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.content_title or self.content_id or 'untitled'} {self.media_session_id[:12]}"


class MediaEvent(models.Model):
    """One event, stored once. The table is partitioned by `session_day` (migration 0002)."""

    pk = models.CompositePrimaryKey("session_day", "session_id", "event_key")
    session_day = models.DateField()
    session = models.ForeignKey(
        MediaSession, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="events"
    )
    # blake2b-128 of source_message_id (or id), else event_id, else of the canonical event.
    event_key = models.UUIDField()
    # 1, 2, 3 … in order of arrival within the session.
    seq = models.BigIntegerField()
    # Canonical name ("Play", "Ad Session Summary"); custom events keep their own.
    name = models.TextField()
    # Device clock in ms, as sent. The fold places an impossible one at its batch's arrival.
    at_ms = models.BigIntegerField()
    # Device clock of the batch's sending, and the place in it: ties in `at_ms` are broken by these.
    batch_at_ms = models.BigIntegerField()
    index_in_batch = models.IntegerField()
    received_at_ms = models.BigIntegerField()
    # When it was written, by our clock; its commit followed within milliseconds.
    stored_at_ms = models.BigIntegerField(null=True)
    raw_batch_id = models.BigIntegerField()
    # First 8 bytes of blake2b of the canonical content: the same id with other content is a conflict.
    content_hash = models.BigIntegerField()
    # JSON text: known attributes under canonical names and types (ms, numbers, booleans), the rest as sent.
    attributes = models.TextField()
    # JSON text of the attributes as sent, when a unit or a name was changed; else null.
    sent_attributes = models.TextField(null=True)

    class Meta:
        db_table = "sessions_app_mediaevent"

    def __str__(self) -> str:
        return f"{self.name} at {self.at_ms}"
