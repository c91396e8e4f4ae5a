"""Vacuum posts by a fiftieth of their rows, and not only by a fifth.

A post's status and the time of its last change are in indexes: both of its updates per publish
leave dead entries there. As destinations, migration 0012.
"""

from django.db import migrations

OFTEN = (
    "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,"
    " autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000"
)
DEFAULT = (
    "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,"
    " autovacuum_analyze_scale_factor, autovacuum_analyze_threshold"
)


class Migration(migrations.Migration):
    dependencies = [("posts", "0034_hashtags")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE posts_post SET ({OFTEN})",
            f"ALTER TABLE posts_post RESET ({DEFAULT})",
        )
    ]
