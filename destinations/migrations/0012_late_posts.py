"""Add when an account's last late post began."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


class Migration(migrations.Migration):
    dependencies = [("destinations", "0011_busy_worker")]

    operations = [
        AddColumns(
            account={
                "late_began_at": models.DateTimeField(blank=True, null=True),
                "late_wanted_at": models.DateTimeField(blank=True, null=True),
            }
        ),
    ]
