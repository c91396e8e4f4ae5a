"""Add the end of the lease that a takeover took from a call that carries files."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


class Migration(migrations.Migration):
    dependencies = [("destinations", "0016_columns_of_outages_and_lanes")]

    operations = [
        AddColumns(attempt={"lease_until": models.DateTimeField(blank=True, null=True)}),
    ]
