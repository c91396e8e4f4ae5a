"""The database keeps `awaits_network`, for every writer, the release before among them.

Not a generated column, which would rewrite the table of destinations, and not an expression in the
index: the update of a start changes what it would name, and could not be HOT. The trigger changes a
row only where the flag does not fit it, so a start, a claim and a saved checkpoint change nothing.

Databases of developers had it as a generated column, which no release did, and keep its values.
"""

from django.db import migrations

PLAIN = """
ALTER TABLE destinations_destination
    ALTER awaits_network DROP EXPRESSION IF EXISTS,
    ALTER awaits_network SET DEFAULT false,
    ALTER awaits_network SET NOT NULL
"""
FLIP = """
CREATE FUNCTION destinations_flip_awaits_network() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.awaits_network := NOT NEW.awaits_network;
    RETURN NEW;
END $$
"""
KEEP = """
CREATE TRIGGER destination_awaits_network_kept
BEFORE INSERT OR UPDATE ON destinations_destination
FOR EACH ROW WHEN (NEW.awaits_network IS DISTINCT FROM (
    NEW.claim IS NULL AND NEW.next_retry_at IS NULL
    AND NEW.status IN ('publishing', 'unconfirmed')
))
EXECUTE FUNCTION destinations_flip_awaits_network()
"""


class Migration(migrations.Migration):
    dependencies = [("destinations", "0013_indexes_of_large_tables")]

    operations = [
        migrations.RunSQL(PLAIN, migrations.RunSQL.noop),
        migrations.RunSQL(FLIP, "DROP FUNCTION destinations_flip_awaits_network"),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER destination_awaits_network_kept ON destinations_destination",
        ),
    ]
