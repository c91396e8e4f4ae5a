"""Posting queues, and the slots of their posts."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0014_campaigns"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="queue_priority",
            # Without a check of each row.
            field=models.SmallIntegerField(
                choices=[(1, "High"), (2, "Medium"), (3, "Low")], null=True
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="slot_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="PostingQueue",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                ("slots", models.JSONField()),
                ("active", models.BooleanField(default=True)),
                ("is_default", models.BooleanField(default=False)),
                ("account_ids", models.JSONField(blank=True, null=True)),
                ("max_posts_per_slot", models.PositiveSmallIntegerField(default=1)),
                ("jitter_minutes", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posting_queues",
                        to="posts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="posting_queue",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="posts",
                to="posts.postingqueue",
            ),
        ),
        migrations.AddConstraint(
            model_name="postingqueue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("workspace",),
                name="posting_queue_default",
            ),
        ),
    ]
