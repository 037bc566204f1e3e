"""What Django cannot say: events partitioned by their session's day, raw bodies stored uncompressed, an append-only audit.

Raw bodies: Postgres would compress each with pglz inside the ingest transaction, which costs more than the disk.
"""

from django.db import migrations

PARTITION_EVENTS = """
DROP TABLE sessions_app_mediaevent;
CREATE TABLE sessions_app_mediaevent (
    session_day date NOT NULL,
    session_id bigint NOT NULL,
    event_key uuid NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    at_ms bigint NOT NULL,
    batch_at_ms bigint NOT NULL,
    index_in_batch integer NOT NULL,
    received_at_ms bigint NOT NULL,
    stored_at_ms bigint,
    raw_batch_id bigint NOT NULL,
    content_hash bigint NOT NULL,
    attributes text NOT NULL,
    sent_attributes text,
    CONSTRAINT media_event_stored_once PRIMARY KEY (session_day, session_id, event_key)
) PARTITION BY RANGE (session_day);
-- What came after seq n: without it a live frame of a long session reads the whole session (50 ms at 20,000 events,
-- 0.2 ms with it). Storing costs 7 % more time and 11 % more disk.
CREATE INDEX media_event_in_order ON sessions_app_mediaevent (session_id, seq);
-- Catches a day for which nobody made a partition in time; the daily task keeps it empty.
CREATE TABLE sessions_app_mediaevent_other PARTITION OF sessions_app_mediaevent DEFAULT;
"""

RAW_BODIES = """
ALTER TABLE sessions_app_rawbatch ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE sessions_app_mediasession SET (fillfactor = 70);
ALTER TABLE sessions_app_mediasession ALTER COLUMN fold SET STORAGE EXTERNAL;
"""

APPEND_ONLY_AUDIT = """
CREATE FUNCTION mediadash_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('mediadash.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON sessions_app_auditentry
    FOR EACH ROW EXECUTE FUNCTION mediadash_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_initial")]

    operations = [
        migrations.RunSQL(PARTITION_EVENTS, reverse_sql="DROP TABLE sessions_app_mediaevent;"),
        migrations.RunSQL(RAW_BODIES, reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(
            APPEND_ONLY_AUDIT,
            reverse_sql="DROP TRIGGER audit_append_only ON sessions_app_auditentry;"
            "DROP FUNCTION mediadash_audit_is_append_only();",
        ),
    ]
