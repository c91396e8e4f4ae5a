from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0002_platform_content_and_alt_texts")]

    operations = [
        migrations.AddField(
            model_name="media",
            name="video_codec",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="media",
            name="audio_codec",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="media",
            name="frames_per_second",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="media",
            name="frames",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="media",
            name="index_first",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="media",
            name="pages",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                condition=models.Q(("storage_key", ""), _negated=True),
                fields=["storage_key"],
                name="media_stored",
            ),
        ),
    ]
