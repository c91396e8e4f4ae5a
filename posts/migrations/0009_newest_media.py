"""The operators' list of files, newest first."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("posts", "0008_calendar_index"),
    ]

    operations = [
        AddIndexBeside(
            model_name="media",
            index=models.Index(fields=["-created_at", "id"], name="media_created"),
        ),
    ]
