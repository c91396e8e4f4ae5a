"""Add what incidents touched."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


class Migration(migrations.Migration):
    dependencies = [("config", "0002_incident")]

    operations = [
        AddColumns(
            incident={
                name: models.PositiveIntegerField(default=0, db_default=0)
                for name in ("posts", "accounts", "workspaces")
            }
        ),
    ]
