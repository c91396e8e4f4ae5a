"""Pauses, and what the claim statement needs to pass over what they hold (`dispatch/fairness.py`).

A trigger keeps the column `awaits_network`, from `0014_awaits_network` on.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0005_lane_index"),
        ("posts", "0005_fewer_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("installation", "the whole installation"),
                            ("network", "a network"),
                            ("workspace", "a workspace"),
                            ("account", "an account"),
                        ],
                        max_length=12,
                    ),
                ),
                ("target", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=300)),
                ("reason", models.TextField()),
                ("notice", models.CharField(blank=True, max_length=300)),
                ("paused_at", models.DateTimeField()),
                ("paused_by", models.CharField(max_length=200)),
                ("resumed_at", models.DateTimeField(blank=True, null=True)),
                ("resumed_by", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="destination",
            name="awaits_network",
            field=models.BooleanField(db_default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="pause",
            index=models.Index(fields=["resumed_at"], name="pause_resumed"),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resumed_at__isnull", True)),
                fields=("scope", "target"),
                name="pause_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scope", "installation"), ("target", "")),
                    models.Q(
                        models.Q(("scope", "installation"), _negated=True),
                        models.Q(("target", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="pause_has_its_target",
            ),
        ),
    ]
