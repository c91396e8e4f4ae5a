"""What posts take of hashtag sets, and of the defaults of their workspaces."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0033_calendar_feed_created"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="hashtags",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="recurrence",
            name="hashtags",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="workspace",
            name="post_defaults",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="HashtagSet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "hashtags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), size=None
                    ),
                ),
                (
                    "platforms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, null=True, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hashtag_sets",
                        to="posts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="hashtag_set_created")],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "name"), name="hashtag_set_once")
                ],
            },
        ),
    ]
