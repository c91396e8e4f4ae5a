"""Add the record of workspaces and accounts that are being erased, or were."""

from django.db import migrations, models

from destinations.runtime.migration_tables import ID, index, table, unique

SCOPES = [("workspace", "a workspace"), ("account", "an account")]


class Migration(migrations.Migration):
    dependencies = [("posts", "0014_missed_after")]

    operations = [
        table(
            "Erasure",
            index("erasure_ended", "ended_at"),
            unique(
                "erasure_once_at_a_time", "scope", "target", where=models.Q(ended_at__isnull=True)
            ),
            options={"ordering": ["-pk"], "default_permissions": ("view", "add")},
            id=ID,
            scope=models.CharField(choices=SCOPES, max_length=10),
            target=models.CharField(max_length=40),
            workspace_of=models.UUIDField(blank=True, null=True),
            asked_at=models.DateTimeField(),
            asked_by=models.CharField(max_length=200),
            waits_for=models.CharField(blank=True, max_length=200),
            ended_at=models.DateTimeField(blank=True, null=True),
        ),
    ]
