"""Add columns of connections, the heartbeat and destinations. A trigger keeps `awaits_network`.

The trigger serves every writer, the release before among them. A generated column would rewrite the
table of destinations. An expression in the index would name columns that the update of a start
changes, which then could not be HOT. The trigger changes a row only where the flag does not fit it,
so a start, a claim and a saved checkpoint change nothing.

Vacuum destinations by a fiftieth of their rows, and not only by a fifth: two of the four updates of
a publish write to indexes, so each leaves dead entries there. Measured with 400,000 rows
(deploy/CAPACITY.md): a twentieth of the dead rows, and indexes a tenth smaller.
"""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns
from destinations.runtime.migration_tables import vacuum_often

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
    dependencies = [("destinations", "0006_tables")]

    operations = [
        AddColumns(
            connection={"cancelled_at": models.DateTimeField(blank=True, null=True)},
            heartbeat={"restored_at": models.DateTimeField(blank=True, null=True)},
            destination={"awaits_network": models.BooleanField(db_default=False, editable=False)},
        ),
        migrations.RunSQL(FLIP, "DROP FUNCTION destinations_flip_awaits_network"),
        migrations.RunSQL(
            KEEP, "DROP TRIGGER destination_awaits_network_kept ON destinations_destination"
        ),
        vacuum_often("destinations_destination"),
    ]
