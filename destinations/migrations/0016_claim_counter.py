from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0015_fill_awaits_network")]

    operations = [
        migrations.CreateModel(
            name="ClaimCounter",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("count", models.BigIntegerField(db_default=0)),
                ("is_synchronous", models.BooleanField(db_default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="claim_counter_one_row"
                    )
                ],
            },
        ),
    ]
