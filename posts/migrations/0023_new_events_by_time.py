"""New events are found in the order of their times."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0022_open_sizes"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="webhookevent",
            name="webhook_event_new",
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(("fanned_out_at__isnull", True)),
                fields=["created_at"],
                name="webhook_event_new",
            ),
        ),
    ]
