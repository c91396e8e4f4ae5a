"""The database refuses to rewrite history, whichever program is connected.

Events never change. An attempt is closed once, and its identity never changes. Rows of either are
deleted only together with their destination; this is checked at commit, because Django deletes
children before their parent. TRUNCATE is not caught.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION destinations_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % %', TG_TABLE_NAME, lower(TG_OP), TG_ARGV[0]
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

LEAVE_WITH_DESTINATION = """
CREATE FUNCTION destinations_leave_with_destination() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM destinations_destination WHERE id = OLD.destination_id) THEN
        RAISE EXCEPTION '% is append-only: row % may only go with its destination',
            TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""

EVENT_UPDATE = """
CREATE TRIGGER event_never_changes BEFORE UPDATE ON destinations_event
FOR EACH ROW EXECUTE FUNCTION destinations_refuse('of an event')
"""

ATTEMPT_CLOSED = """
CREATE TRIGGER attempt_closes_once BEFORE UPDATE ON destinations_attempt
FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL)
EXECUTE FUNCTION destinations_refuse('of a finished attempt')
"""

ATTEMPT_IDENTITY = """
CREATE TRIGGER attempt_keeps_identity BEFORE UPDATE ON destinations_attempt
FOR EACH ROW WHEN (
    (OLD.id, OLD.destination_id, OLD.number, OLD.wanted_at, OLD.started_at)
    IS DISTINCT FROM (NEW.id, NEW.destination_id, NEW.number, NEW.wanted_at, NEW.started_at)
)
EXECUTE FUNCTION destinations_refuse('of what an attempt is')
"""

DELETE = """
CREATE CONSTRAINT TRIGGER {name}_leaves_with_destination AFTER DELETE ON destinations_{name}
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION destinations_leave_with_destination()
"""


def trigger(table: str, name: str, sql: str) -> migrations.RunSQL:
    return migrations.RunSQL(sql, f"DROP TRIGGER {name} ON destinations_{table}")


class Migration(migrations.Migration):
    dependencies = [("destinations", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION destinations_refuse()"),
        migrations.RunSQL(
            LEAVE_WITH_DESTINATION, "DROP FUNCTION destinations_leave_with_destination()"
        ),
        trigger("event", "event_never_changes", EVENT_UPDATE),
        trigger("attempt", "attempt_closes_once", ATTEMPT_CLOSED),
        trigger("attempt", "attempt_keeps_identity", ATTEMPT_IDENTITY),
        *(
            trigger(name, f"{name}_leaves_with_destination", DELETE.format(name=name))
            for name in ("event", "attempt")
        ),
    ]
