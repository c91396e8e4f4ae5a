"""The log of API requests."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0006_indexes_for_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("method", models.CharField(max_length=10)),
                ("route", models.CharField(blank=True, max_length=120)),
                ("path", models.CharField(max_length=200)),
                ("status", models.PositiveSmallIntegerField()),
                ("duration_ms", models.FloatField()),
                ("request_id", models.CharField(max_length=40)),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("key_prefix", models.CharField(blank=True, max_length=16)),
                (
                    "api_key",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="posts.apikey",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="posts.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "API request",
                "indexes": [
                    models.Index(
                        condition=models.Q(("api_key__isnull", False)),
                        fields=["api_key", "-id"],
                        name="request_of_key",
                    ),
                    models.Index(
                        condition=models.Q(("workspace__isnull", False)),
                        fields=["workspace", "-id"],
                        name="request_of_workspace",
                    ),
                    models.Index(fields=["request_id"], name="request_by_id"),
                    models.Index(
                        condition=models.Q(("status__gte", 400)),
                        fields=["-id"],
                        name="request_refused",
                    ),
                ],
            },
        ),
    ]
