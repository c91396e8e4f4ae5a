from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0008_not_after"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("count", models.BigIntegerField(default=0)),
                ("database", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="heartbeat_one_row")
                ],
            },
        ),
    ]
