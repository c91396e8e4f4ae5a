"""Build the indexes of large tables while workers go on.

For the admin's search (config/admin/search), the operators' lists, which are in the order of a time
over all workspaces, the calendar, and the posts of a campaign, a slot and a file.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models import PROTECT, F, ForeignKey, OrderBy, Q
from django.db.models.functions import Upper

from destinations.runtime.migration_operations import AddIndexBeside
from destinations.runtime.migration_tables import index, not_null

#: 0.1.0's index of a foreign key, which `post_media_of_file` covers.
COVERED = "posts_postmedia_media_id_bf48cf01"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("posts", "0012_columns_of_posts")]

    operations = [
        AddIndexBeside(
            "apikey",
            models.Index(fields=["prefix"], name="key_prefix", opclasses=["varchar_pattern_ops"]),
        ),
        AddIndexBeside(
            "workspace",
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="workspace_name"),
        ),
        AddIndexBeside(
            "media",
            GinIndex(OpClass(Upper("filename"), name="gin_trgm_ops"), name="media_filename"),
        ),
        AddIndexBeside("media", index("media_created", "-created_at", "id")),
        AddIndexBeside(
            "post",
            models.Index(
                OrderBy(F("scheduled_for"), descending=True, nulls_last=True),
                F("id"),
                condition=not_null("scheduled_for"),
                name="post_at",
            ),
        ),
        AddIndexBeside("post", index("post_created", "created_at", where=not_null("created_at"))),
        AddIndexBeside(
            "post",
            index(
                "post_of_campaign", "campaign", "-created_at", "id", where=Q(campaign__isnull=False)
            ),
        ),
        AddIndexBeside(
            "post",
            index("post_slot", "posting_queue", "slot_at", where=Q(posting_queue__isnull=False)),
        ),
        AddIndexBeside(
            "postmedia",
            models.Index(fields=["media", "id"], include=["post"], name="post_media_of_file"),
        ),
        # AlterField would lock the table, and check the foreign key again, to drop the index.
        migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {COVERED}",
            f"CREATE INDEX CONCURRENTLY {COVERED} ON posts_postmedia (media_id)",
            state_operations=[
                migrations.AlterField(
                    "postmedia",
                    "media",
                    ForeignKey("posts.media", PROTECT, db_index=False, related_name="attachments"),
                )
            ],
        ),
    ]
