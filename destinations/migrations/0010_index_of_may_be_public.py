"""Built while everything runs: the table is large where there is something to upgrade."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("destinations", "0009_heartbeat")]

    operations = [
        AddIndexConcurrently(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("error_code", "outcome_unknown")),
                fields=["updated_at"],
                name="destination_may_be_public",
            ),
        ),
    ]
