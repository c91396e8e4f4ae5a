"""Add the worker processes that hold claims."""

from django.db import migrations, models

from destinations.runtime.migration_tables import table


class Migration(migrations.Migration):
    dependencies = [("destinations", "0010_outage")]

    operations = [
        table(
            "BusyWorker",
            name=models.CharField(max_length=200, primary_key=True, serialize=False),
            at=models.DateTimeField(),
            tick=models.BigIntegerField(),
        ),
    ]
