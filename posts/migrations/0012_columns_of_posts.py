"""Add columns of posts: metadata, campaign, posting queue, hashtags. A trigger notes deleted posts.

Vacuum posts by a fiftieth of their rows, and not only by a fifth: a post's status and the time of
its last change are in indexes, so both of its updates per publish leave dead entries there. As
destinations, `0007_columns`.
"""

from django.db import migrations, models
from django.db.models import SET_NULL, ForeignKey

from destinations.runtime.migration_operations import AddColumns
from destinations.runtime.migration_tables import vacuum_often

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
    dependencies = [("posts", "0011_columns_of_workspaces_and_files")]

    operations = [
        AddColumns(
            post={
                "metadata": models.JSONField(blank=True, db_default={}, default=dict),
                # The columns are null: no row is rewritten or read.
                "campaign": ForeignKey(
                    "posts.campaign", SET_NULL, db_index=False, null=True, related_name="posts"
                ),
                # A type without a check of each row.
                "queue_priority": models.SmallIntegerField(
                    choices=[(1, "High"), (2, "Medium"), (3, "Low")], null=True
                ),
                "slot_at": models.DateTimeField(null=True),
                "posting_queue": ForeignKey(
                    "posts.postingqueue", SET_NULL, db_index=False, null=True, related_name="posts"
                ),
                "hashtags": models.JSONField(null=True),
            }
        ),
        migrations.RunSQL(NOTE, "DROP FUNCTION posts_note_deleted"),
        migrations.RunSQL(WHEN_DELETED, "DROP TRIGGER post_deletion_noted ON posts_post"),
        vacuum_often("posts_post"),
    ]
