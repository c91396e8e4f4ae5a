"""`destination_lane` again, with a condition that the planner cannot take for another index's."""

from django.db import migrations, models
from django.db.models.lookups import Exact


class Migration(migrations.Migration):
    dependencies = [("destinations", "0004_claims"), ("posts", "0005_fewer_indexes")]

    operations = [
        migrations.RemoveIndex(model_name="destination", name="destination_lane"),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(
                    Exact(
                        models.Func(
                            "due_at",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    )
                ),
                fields=["queue", "workspace", "account_number", "due_at"],
                name="destination_lane",
            ),
        ),
    ]
