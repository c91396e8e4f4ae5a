"""What searches look through; the database keeps it in step, whoever writes a post.

`pg_trgm` is trusted since PostgreSQL 13: whoever may create objects in the database may create it.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.models.functions import Upper

KEEP = """
CREATE FUNCTION posts_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO posts_posttext (post_id, text) VALUES (NEW.id, NEW.content)
    ON CONFLICT (post_id) DO UPDATE SET text = EXCLUDED.text
    WHERE posts_posttext.text <> EXCLUDED.text;
    RETURN NULL;
END $$
"""

WHEN_WRITTEN = """
CREATE TRIGGER post_text_kept AFTER INSERT OR UPDATE OF content ON posts_post
FOR EACH ROW EXECUTE FUNCTION posts_keep_text()
"""


class Migration(migrations.Migration):
    dependencies = [("posts", "0017_stored_files")]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="PostText",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="searched",
                        serialize=False,
                        to="posts.post",
                    ),
                ),
                ("text", models.TextField()),
            ],
            options={
                "indexes": [
                    GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="post_text")
                ],
            },
        ),
        migrations.RunSQL(KEEP, "DROP FUNCTION posts_keep_text"),
        migrations.RunSQL(WHEN_WRITTEN, "DROP TRIGGER post_text_kept ON posts_post"),
    ]
