"""A column and two indexes for the claim statement (`dispatch/fairness.py`).

Adding the column rewrites the table.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0003_fewer_indexes")]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="in_flight",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.ExpressionWrapper(
                    models.Q(
                        ("claim__isnull", False),
                        models.Q(("next_retry_at__isnull", False), ("status", "publishing")),
                        _connector="OR",
                    ),
                    output_field=models.BooleanField(),
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False), models.Q(("queue", ""), _negated=True)
                ),
                fields=["queue", "workspace", "account_number", "due_at"],
                name="destination_lane",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("in_flight", True)),
                fields=["due_at"],
                name="destination_in_flight",
            ),
        ),
    ]
