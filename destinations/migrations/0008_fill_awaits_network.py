"""Set `awaits_network` of the few rows that waited before there was a trigger (`0007_columns`).

The trigger corrects rows that are moved meanwhile.
"""

from django.db import migrations

FILL = """
UPDATE destinations_destination SET awaits_network = true
WHERE NOT awaits_network AND id IN (
    SELECT id FROM destinations_destination
    WHERE due_at IS NOT NULL AND claim IS NULL AND next_retry_at IS NULL
      AND status IN ('publishing', 'unconfirmed')
)
"""


class Migration(migrations.Migration):
    dependencies = [("destinations", "0007_columns")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
