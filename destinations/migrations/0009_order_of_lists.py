"""The operators' lists are in the order of a time, over all workspaces."""

from django.db import migrations, models
from django.db.models.lookups import Exact

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("destinations", "0008_indexes_for_search"),
    ]

    operations = [
        AddIndexBeside(
            model_name="destination",
            index=models.Index(
                fields=["updated_at"],
                condition=models.Q(
                    Exact(
                        models.Func(
                            "updated_at",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    )
                ),
                name="destination_moved",
            ),
        ),
    ]
