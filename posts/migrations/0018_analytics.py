"""The tables of analytics, and a trigger that notes every deleted post."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

NOTE = """
CREATE FUNCTION posts_note_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO posts_deletedpost (post_id, workspace_id) SELECT id, workspace_id FROM gone;
    RETURN NULL;
END $$
"""
WHEN_DELETED = """
CREATE TRIGGER post_deletion_noted AFTER DELETE ON posts_post
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION posts_note_deleted()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0017_device_logins"),
    ]

    operations = [
        migrations.CreateModel(
            name="TallyProgress",
            fields=[
                (
                    "workspace",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="posts.workspace",
                    ),
                ),
                ("upto", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DeletedPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("post_id", models.UUIDField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="posts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CountedPost",
            fields=[
                ("post_id", models.UUIDField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("campaign_number", models.BigIntegerField()),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                ("may_change_unseen", models.BooleanField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "created_at"], name="counted_post_of_time"),
                    models.Index(
                        condition=models.Q(("may_change_unseen", True)),
                        fields=["workspace"],
                        name="counted_post_unseen",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("campaign_number", models.BigIntegerField()),
                ("part", models.TextField()),
                ("count", models.BigIntegerField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("campaign_number", 0), _negated=True),
                        fields=["campaign_number", "hour"],
                        name="tally_of_campaign",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "hour", "campaign_number", "part"), name="tally_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(NOTE, "DROP FUNCTION posts_note_deleted"),
        migrations.RunSQL(WHEN_DELETED, "DROP TRIGGER post_deletion_noted ON posts_post"),
    ]
