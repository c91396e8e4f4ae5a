"""Add the servers of networks whose accounts live on many."""

from django.db import migrations, models

from destinations.runtime.migration_tables import ID, index, table, unique


class Migration(migrations.Migration):
    dependencies = [("destinations", "0012_late_posts")]

    operations = [
        table(
            "Server",
            index("server_read_due", "read_due_at"),
            unique("server_once", "platform", "host"),
            id=ID,
            platform=models.CharField(max_length=20),
            host=models.CharField(max_length=260),
            app=models.TextField(blank=True),
            limits=models.JSONField(blank=True, default=dict),
            read_due_at=models.DateTimeField(),
        ),
    ]
