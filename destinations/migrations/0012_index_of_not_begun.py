"""Built while everything runs: the table is large where there is something to upgrade."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("destinations", "0011_find_accounts_of_a_network")]

    operations = [
        AddIndexConcurrently(
            model_name="destination",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False),
                    models.Q(
                        ("begun_at__isnull", True),
                        ("next_retry_at__isnull", False),
                        _connector="OR",
                    ),
                ),
                fields=["platform", "wanted_at"],
                name="destination_not_begun",
            ),
        ),
    ]
