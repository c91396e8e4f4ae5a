"""Posts that come again: rules and their occurrences, recycled posts and their turns."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0029_oauth"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recurrence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "freq",
                    models.CharField(
                        choices=[("daily", "Daily"), ("weekly", "Weekly"), ("monthly", "Monthly")],
                        max_length=10,
                    ),
                ),
                ("interval", models.PositiveSmallIntegerField(default=1)),
                (
                    "by_day",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                ("until", models.DateField(null=True)),
                ("count", models.PositiveIntegerField(null=True)),
                ("timezone", models.CharField(max_length=64)),
                ("first_at", models.DateTimeField()),
                ("content", models.TextField()),
                (
                    "account_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "media_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("alt_texts", models.JSONField(default=dict)),
                ("platform_content", models.JSONField(default=dict)),
                ("metadata", models.JSONField(default=dict)),
                ("campaign_id", models.BigIntegerField(null=True)),
                ("own_texts_do", models.BooleanField(default=False)),
                ("shorten_links", models.BooleanField(null=True)),
                ("settled_until", models.DateTimeField()),
                ("look_at", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("paused_by", models.CharField(blank=True, max_length=200)),
                ("problem_code", models.CharField(blank=True, max_length=40)),
                ("problem", models.TextField(blank=True)),
                ("problem_since", models.DateTimeField(null=True)),
                ("created_by", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recurrences",
                        to="posts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Occurrence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("at", models.DateTimeField()),
                ("post_id", models.UUIDField(null=True)),
                ("written_at", models.DateTimeField(null=True)),
                ("missed_because", models.TextField(blank=True)),
                (
                    "recurrence",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="occurrences",
                        to="posts.recurrence",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Recycling",
            fields=[
                ("post_id", models.UUIDField(primary_key=True, serialize=False)),
                ("enabled", models.BooleanField(default=True)),
                ("gap", models.PositiveSmallIntegerField()),
                (
                    "gap_unit",
                    models.CharField(choices=[("week", "Week"), ("month", "Month")], max_length=5),
                ),
                ("start_date", models.DateField(null=True)),
                ("expire_date", models.DateField(null=True)),
                ("expire_count", models.PositiveSmallIntegerField(null=True)),
                (
                    "content_variations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("turns", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("look_at", models.DateTimeField(null=True)),
                ("ended_because", models.TextField(blank=True)),
                ("problem_code", models.CharField(blank=True, max_length=40)),
                ("problem", models.TextField(blank=True)),
                ("problem_since", models.DateTimeField(null=True)),
                ("created_by", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recyclings",
                        to="posts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecycledPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("turn", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("post_id", models.UUIDField()),
                (
                    "recycling",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="made",
                        to="posts.recycling",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="recurrence",
            index=models.Index(fields=["workspace", "-created_at", "id"], name="recurrence_newest"),
        ),
        migrations.AddIndex(
            model_name="recurrence",
            index=models.Index(
                condition=models.Q(("look_at__isnull", False)),
                fields=["look_at"],
                name="recurrence_look",
            ),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.UniqueConstraint(
                fields=("recurrence", "date"), name="occurrence_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.UniqueConstraint(fields=("post_id",), name="occurrence_of_post"),
        ),
        migrations.AddIndex(
            model_name="recycling",
            index=models.Index(
                fields=["workspace", "-created_at", "post_id"], name="recycling_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="recycling",
            index=models.Index(
                condition=models.Q(("look_at__isnull", False)),
                fields=["look_at"],
                name="recycling_look",
            ),
        ),
        migrations.AddConstraint(
            model_name="recycledpost",
            constraint=models.UniqueConstraint(fields=("recycling", "turn"), name="recycled_once"),
        ),
        migrations.AddConstraint(
            model_name="recycledpost",
            constraint=models.UniqueConstraint(fields=("post_id",), name="recycled_of_post"),
        ),
    ]
