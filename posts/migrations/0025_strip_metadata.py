from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0024_files_fetched_by_workers")]

    operations = [
        migrations.AddField(
            model_name="media",
            name="has_metadata",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="media",
            name="stripped_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="workspace",
            name="keep_metadata",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Place, device, time and names that pictures and videos carry. Unless "
                "this is set, they are left out of what networks get and of what links show; the "
                "files as they were sent are kept. It holds for posts that are composed or changed "
                "from then on.",
                verbose_name="publish files with their metadata",
            ),
        ),
    ]
