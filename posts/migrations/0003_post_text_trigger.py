"""The database keeps the searched text of each post equal to its content, for every writer."""

from django.db import migrations

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
    dependencies = [("posts", "0002_accounts_of_keys")]

    operations = [
        migrations.RunSQL(KEEP, "DROP FUNCTION posts_keep_text"),
        migrations.RunSQL(WHEN_WRITTEN, "DROP TRIGGER post_text_kept ON posts_post"),
    ]
