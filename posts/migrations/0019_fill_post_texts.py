from django.db import migrations

FILL = """
    INSERT INTO posts_posttext (post_id, text) SELECT id, content FROM posts_post
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("posts", "0018_post_texts")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
