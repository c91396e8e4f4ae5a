from django.db import migrations

FILL = """
    UPDATE posts_post p SET published_at = d.published_at
    FROM (SELECT post_id, min(published_at) AS published_at FROM destinations_destination
          WHERE published_at IS NOT NULL GROUP BY post_id) d
    WHERE d.post_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0009_published_at"),
        ("destinations", "0001_accounts_destinations"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
