"""Add when the process of a call that carries files was taken for gone."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


class Migration(migrations.Migration):
    dependencies = [("destinations", "0016_columns_of_outages_and_lanes")]

    operations = [
        AddColumns(attempt={"taken_over_at": models.DateTimeField(blank=True, null=True)}),
    ]
