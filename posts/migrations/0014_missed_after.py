"""Add how late a post of a series may begin."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


class Migration(migrations.Migration):
    dependencies = [("posts", "0013_indexes")]

    operations = [
        AddColumns(
            # A type without a check of each row.
            post={"missed_after_minutes": models.IntegerField(null=True)},
            recurrence={"missed_after_minutes": models.PositiveIntegerField(null=True)},
        ),
    ]
