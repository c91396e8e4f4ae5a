"""Events name posts by the ids of the mount where their webhook was made; so far by public ids."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0023_new_events_by_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="id_form",
            field=models.CharField(
                choices=[("public", "post_…, dest_…"), ("uuid", "UUIDs")],
                db_default="public",
                default="public",
                max_length=10,
                verbose_name="ids in events",
            ),
        ),
    ]
