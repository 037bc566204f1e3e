"""Destinations, the outbox (`Delivery`), and every attempt made."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from mediadash import crypto
from sessions_app.models.workspaces import Workspace


class Destination(models.Model):
    """An mParticle feed that a workspace's events are passed on to."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="destinations")
    name = models.CharField(max_length=200)
    # https://s2s.mparticle.com and its pods, or an address in FORWARDING_ALLOWED_URLS.
    url = models.TextField()
    key = models.CharField(max_length=128)
    secret_encrypted = models.BinaryField()
    is_on = models.BooleanField(default=True)
    # Also send the settled summary as a "Media Session Summary" custom event.
    send_computed_summary = models.BooleanField(default=False)
    # closed, open, half_open
    circuit = models.CharField(max_length=10, default="closed")
    failures_in_a_row = models.PositiveIntegerField(default=0)
    # Nothing is sent before this, by the database's clock (Retry-After, breaker, a refused key).
    not_before = models.DateTimeField(null=True, blank=True)
    # Why sending is held: refused_key, redirected, …; empty when it is not.
    held_reason = models.CharField(max_length=32, default="", blank=True)
    last_error = models.TextField(default="", blank=True)
    # How many requests may be under way at once; grows with success, halves on trouble.
    concurrency = models.PositiveSmallIntegerField(default=4)
    # One worker at a time forwards to a destination, by lease on the database's clock.
    forwarder = models.CharField(max_length=64, default="", blank=True)
    forwarder_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="destination_named_once")]

    def __str__(self) -> str:
        return self.name

    def set_credentials(self, key: str, secret: str) -> None:
        """New key and secret, encrypted; what was held for the old ones may go again. Does not save."""
        self.key, self.secret_encrypted = key, crypto.encrypt(secret)
        self.resume()

    def secret(self) -> str:
        return crypto.decrypt(self.secret_encrypted)

    def resume(self) -> None:
        """Forget why sending was held: the next sweep tries again. Does not save."""
        self.held_reason, self.last_error, self.not_before = "", "", None
        self.circuit, self.failures_in_a_row = "closed", 0


class DeliveryStatus(models.TextChoices):
    """Where an outbox row stands."""

    DUE = "due", "Due"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up"
    DROPPED = "dropped", "Dropped"


class Delivery(models.Model):
    """One batch to be passed on to one destination, written in the transaction that stored its events.

    `indexes` are the places in the raw batch whose events were new. The body is made and frozen at the first claim
    and sent byte for byte ever after, under one `source_request_id`. A batch that must be split stays one row, so
    that it keeps its place in the lane: `indexes` is the part being sent, `rest` the parts that follow.
    """

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, db_index=False)
    raw_batch_id = models.BigIntegerField(null=True)
    # A settled summary to be sent instead of a raw batch.
    summary_id = models.BigIntegerField(null=True)
    indexes = models.JSONField(default=list)
    rest = models.JSONField(default=list)
    event_count = models.PositiveIntegerField(default=0)
    # One in flight per (destination, lane), in order: the viewer, as blake2b of mpid or device.
    lane = models.UUIDField()
    status = models.CharField(max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.DUE)
    source_request_id = models.CharField(max_length=64, default="")
    body = models.BinaryField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # Leases that ran out: the worker died with this row in hand.
    crashes = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=64, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "lane"], name="one_in_flight_per_lane", condition=Q(status="sending")
            )
        ]
        indexes = [
            models.Index(
                fields=["destination", "next_attempt_at", "id"],
                name="delivery_due",
                condition=Q(status__in=["due", "sending"]),
            ),
            models.Index(
                fields=["destination", "lane", "id"],
                name="delivery_lane",
                condition=Q(status__in=["due", "sending"]),
            ),
            models.Index(fields=["destination", "-id"], name="delivery_dead", condition=Q(status="dead")),
            # What went lately, which the forwarding page asks every five seconds among a month's rows.
            models.Index(fields=["destination", "finished_at"], name="delivery_sent", condition=Q(status="sent")),
            models.Index(fields=["raw_batch_id"], name="delivery_of_batch"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} {self.status}"


class Attempt(models.Model):
    """One request made to a destination: when, how long, the answer's first kilobyte, secrets masked."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempt_rows")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    took_ms = models.PositiveIntegerField()
    error = models.TextField(default="")
    answer = models.TextField(default="")

    class Meta:
        # Attempts are written in the order of their times: a few kilobytes of index serve the page's charts.
        indexes = [BrinIndex(fields=["at"], name="attempt_when", autosummarize=True, pages_per_range=16)]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.status or self.error}"
