"""Who watched: identities seen on sessions, the audit of looking at them, erasures."""

from django.conf import settings
from django.db import models

from sessions_app.models.sessions import MediaSession
from sessions_app.models.workspaces import Input, Workspace


class Identity(models.Model):
    """One identity of a viewer: mpid, customer_id, email, mp_deviceid, other, …; text, digit for digit as sent."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False)
    type = models.CharField(max_length=40)
    value = models.TextField()
    # blake2b-128 of the value: exact lookups without a long index entry.
    value_key = models.UUIDField()
    # The last four characters, for mpid and device ids only, which people read out over the phone.
    value_end = models.CharField(max_length=8, default="")
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "type", "value_key"], name="identity_stored_once")]
        indexes = [models.Index(fields=["workspace", "value_end"], name="identity_by_end")]

    def __str__(self) -> str:
        return f"{self.type} …{self.value_end}"


class SessionIdentity(models.Model):
    """An identity seen on a batch of a session. One session may belong to several mpids in turn."""

    session = models.ForeignKey(
        MediaSession, on_delete=models.DO_NOTHING, db_constraint=False, related_name="identities"
    )
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="sessions")
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "identity"], name="identity_seen_once_per_session")]

    def __str__(self) -> str:
        return f"{self.identity_id} on {self.session_id}"


class ViewerEvent(models.Model):
    """A media event that named no media session: kept under the viewer of its batch, never pooled into a session."""

    input = models.ForeignKey(Input, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    event_key = models.UUIDField()
    # The viewer's lane (blake2b-128 of mpid, else device id); null when the batch named nobody.
    lane = models.UUIDField(null=True)
    name = models.TextField()
    at_ms = models.BigIntegerField()
    received_at_ms = models.BigIntegerField()
    raw_batch_id = models.BigIntegerField()
    index_in_batch = models.IntegerField()
    content_hash = models.BigIntegerField()
    attributes = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["input", "event_key"], name="viewer_event_stored_once")]
        indexes = [models.Index(fields=["workspace", "lane", "-at_ms"], name="viewer_event_of_lane")]

    def __str__(self) -> str:
        return f"{self.name} at {self.at_ms}"


class AuditEntry(models.Model):
    """Who looked at or changed what, whose, why and when. Append only: a trigger refuses UPDATE and DELETE.

    `digest` chains each entry to the one before in its workspace, so that a missing entry shows.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.DO_NOTHING, db_constraint=False)
    at = models.DateTimeField()
    actor = models.TextField()
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True
    )
    action = models.CharField(max_length=40)
    # Whose record: "viewer 12", "session 43"; never an identity in the clear.
    subject = models.TextField()
    fields = models.JSONField(default=list)
    reason = models.TextField(default="")
    expires_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-at"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"


class Erasure(models.Model):
    """A request to erase a viewer, and what came of it. OpenDSR's states."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    identity_type = models.CharField(max_length=40)
    # Cleared when the erasure is complete; the tombstone keeps only an HMAC.
    identity_value = models.TextField(default="")
    status = models.CharField(max_length=16, default="pending")
    requested_by = models.TextField()
    approved_by = models.TextField(default="")
    requested_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    receipt = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"erasure {self.pk} {self.status}"


class Tombstone(models.Model):
    """HMAC of an erased identity: a phone's ninety-day-old upload must not bring it back."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    identity_hmac = models.BinaryField(max_length=32)
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "identity_hmac"], name="erased_once")]

    def __str__(self) -> str:
        return f"tombstone {self.pk}"
