"""Add how large incidents are, and were when they were told; and the level of one customer's."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns
from destinations.runtime.migration_tables import choice


class Migration(migrations.Migration):
    dependencies = [("config", "0003_touched")]

    operations = [
        AddColumns(
            incident={
                name: models.PositiveIntegerField(default=0, db_default=0)
                for name in ("now_count", "now_workspaces", "told_count", "told_workspaces")
            }
        ),
        migrations.AlterField("incident", "level", choice("problem warning notice")),
    ]
