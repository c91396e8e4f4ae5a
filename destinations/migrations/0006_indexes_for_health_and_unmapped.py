"""Built while everything runs: these tables are large where there is something to upgrade."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("destinations", "0005_connections")]

    operations = [
        AddIndexConcurrently(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("unmapped", True)),
                fields=["started_at"],
                name="attempt_unmapped",
            ),
        ),
        AddIndexConcurrently(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("error_code", ""), _negated=True),
                fields=["account", "updated_at"],
                name="destination_failed",
            ),
        ),
        AddIndexConcurrently(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False)),
                fields=["account", "published_at"],
                name="destination_published",
            ),
        ),
    ]
