"""Add the tries of the last minutes that got no answer."""

from django.db import migrations, models

from destinations.runtime.migration_tables import ID, index, table, unique


class Migration(migrations.Migration):
    dependencies = [("destinations", "0014_link_part")]

    operations = [
        table(
            "UnansweredTry",
            index("unanswered_try_of_network", "platform", "at"),
            index("unanswered_try_of_account", "account_number", "at"),
            unique("unanswered_try_once", "destination_id", "attempt"),
            id=ID,
            platform=models.CharField(max_length=20),
            account_number=models.BigIntegerField(),
            workspace_id=models.UUIDField(),
            destination_id=models.UUIDField(),
            attempt=models.PositiveIntegerField(),
            at=models.DateTimeField(),
            http_status=models.PositiveSmallIntegerField(blank=True, null=True),
            outcome=models.CharField(max_length=40),
            is_unreachable=models.BooleanField(),
        ),
    ]
