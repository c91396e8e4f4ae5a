"""The operators' lists are in the order of a time, over all workspaces."""

from django.db import migrations, models
from django.db.models.lookups import Exact

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("posts", "0009_newest_media"),
    ]

    operations = [
        AddIndexBeside(
            model_name="post",
            index=models.Index(
                fields=["created_at"],
                condition=models.Q(
                    Exact(
                        models.Func(
                            "created_at",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    )
                ),
                name="post_created",
            ),
        ),
    ]
