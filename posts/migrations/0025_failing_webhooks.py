"""The overview counts webhooks that fail without reading the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0024_form_of_ids_in_events"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(
                condition=models.Q(("consecutive_failures__gt", 0), ("is_active", True)),
                fields=["id"],
                name="webhook_failing",
            ),
        ),
    ]
