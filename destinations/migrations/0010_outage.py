"""Add outages of networks."""

from django.db import migrations, models
from django.db.models import Q

from destinations.runtime.migration_tables import ID, index, table, unique


class Migration(migrations.Migration):
    dependencies = [("destinations", "0009_indexes")]

    operations = [
        table(
            "Outage",
            index("outage_closed", "closed_at"),
            unique("outage_once_at_a_time", "scope", "target", where=Q(closed_at__isnull=True)),
            id=ID,
            scope=models.CharField(
                max_length=12, choices=[("network", "a network"), ("account", "an account")]
            ),
            target=models.CharField(max_length=40),
            platform=models.CharField(max_length=20),
            name=models.CharField(max_length=300),
            error=models.TextField(),
            opened_at=models.DateTimeField(),
            closed_at=models.DateTimeField(blank=True, null=True),
            probe=models.UUIDField(blank=True, null=True),
            probe_account=models.BigIntegerField(blank=True, null=True),
            probe_at=models.DateTimeField(),
            probes=models.PositiveIntegerField(default=0),
            answered=models.PositiveSmallIntegerField(default=0),
            options={"ordering": ["-pk"]},
        ),
    ]
