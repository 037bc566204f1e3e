"""A session and its events."""

from django.db import models


class Session(models.Model):
    media_session_id = models.CharField(max_length=200, unique=True)
    content_id = models.CharField(max_length=200, blank=True)
    event_count = models.IntegerField(default=0)
    last_event_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "naive"


class Event(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    source_message_id = models.CharField(max_length=200, unique=True)
    event_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    attributes = models.JSONField()

    class Meta:
        app_label = "naive"
