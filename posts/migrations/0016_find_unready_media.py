from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0015_fetched_files")]

    operations = [
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                condition=models.Q(("status__in", ["uploading", "failed"])),
                fields=["created_at"],
                name="media_unready",
            ),
        ),
    ]
