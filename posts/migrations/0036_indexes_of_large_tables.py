"""Indexes of columns that earlier migrations add, built while workers go on."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("posts", "0035_vacuum_often"),
    ]

    operations = [
        AddIndexBeside(
            model_name="post",
            index=models.Index(
                condition=models.Q(("campaign__isnull", False)),
                fields=["campaign", "-created_at", "id"],
                name="post_of_campaign",
            ),
        ),
        AddIndexBeside(
            model_name="post",
            index=models.Index(
                condition=models.Q(("posting_queue__isnull", False)),
                fields=["posting_queue", "slot_at"],
                name="post_slot",
            ),
        ),
    ]
