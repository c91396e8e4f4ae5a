"""What frozen drafts say of deleted files; keys of files begin with workspace and file."""

from django.db import migrations

FILL = """
    UPDATE posts_post p SET deleted_files = found.files FROM (
        SELECT d.post_id, jsonb_object_agg(
            substring(item->>'key' FROM '^[0-9a-f]{32}/([0-9a-f]{32})/')::uuid::text,
            item->>'filename') AS files
        FROM destinations_destination d JOIN posts_post o ON o.id = d.post_id
        CROSS JOIN LATERAL jsonb_array_elements(d.draft->'media') item
        WHERE o.status IN ('draft', 'scheduled', 'publishing')
            AND item->'deleted' = 'true' AND item->>'key' ~ '^[0-9a-f]{32}/[0-9a-f]{32}/'
        GROUP BY d.post_id
    ) found WHERE found.post_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0020_deleted_files"),
        ("destinations", "0001_accounts_destinations"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
