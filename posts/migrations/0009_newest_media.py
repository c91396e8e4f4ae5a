"""The operators' list of files, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0008_calendar_index"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="media",
            index=models.Index(fields=["-created_at", "id"], name="media_created"),
        ),
    ]
