"""The tables keep the promises the models cannot."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection

from sessions_app.models import AuditEntry, Workspace


@pytest.mark.django_db
def test_an_audit_entry_can_be_neither_changed_nor_deleted():
    workspace = Workspace.objects.create(name="W", slug="w")
    entry = AuditEntry.objects.create(
        workspace=workspace,
        at=dt.datetime.now(dt.UTC),
        actor="a",
        action="reveal",
        subject="viewer 1",
        digest=b"",
    )
    with pytest.raises(DatabaseError, match="append only"):
        AuditEntry.objects.filter(pk=entry.pk).update(action="nothing")


@pytest.mark.django_db
def test_events_are_partitioned_by_their_sessions_day():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT partstrat FROM pg_partitioned_table WHERE partrelid = 'sessions_app_mediaevent'::regclass"
        )
        assert cursor.fetchone() == ("r",)
