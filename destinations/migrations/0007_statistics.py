"""Counts per minute (`statistics/`), and indexes of what they and the overview read."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0006_pause"),
        ("posts", "0005_fewer_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DurationHistogram",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minute", models.DateTimeField(blank=True, null=True)),
                ("platform", models.CharField(max_length=20)),
                (
                    "measure",
                    models.CharField(
                        choices=[("lag", "Lag"), ("publish", "Publish")], max_length=10
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("seconds", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="OutcomeCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minute", models.DateTimeField(blank=True, null=True)),
                ("platform", models.CharField(max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("published", "Published"),
                            ("failed", "Failed"),
                            ("retried", "Retried"),
                            ("unconfirmed", "Unconfirmed"),
                            ("looked_up", "Looked Up"),
                            ("refreshed", "Refreshed"),
                            ("not_refreshed", "Not Refreshed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=60)),
                ("count", models.BigIntegerField()),
                ("lowest_account", models.BigIntegerField(default=0)),
                ("highest_account", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="StatisticsProgress",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("event_id", models.BigIntegerField(default=0)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False)),
                fields=["platform", "held_until"],
                name="account_held",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("needs_reconnection_since__isnull", False)),
                fields=["platform", "needs_reconnection_since"],
                name="account_to_reconnect",
            ),
        ),
        migrations.AddConstraint(
            model_name="durationhistogram",
            constraint=models.UniqueConstraint(
                fields=("minute", "platform", "measure"),
                name="duration_histogram_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomecount",
            constraint=models.UniqueConstraint(
                fields=("minute", "platform", "kind", "code"),
                name="outcome_count_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="statisticsprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="statistics_progress_one_row"
            ),
        ),
    ]
