from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0001_workspaces_keys_posts_media")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="platform_content",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="postmedia",
            name="alt_text",
            field=models.TextField(blank=True),
        ),
    ]
