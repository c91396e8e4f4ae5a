from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0013_thumbnails")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="storage_quota_bytes",
            field=models.PositiveBigIntegerField(
                blank=True,
                help_text="In bytes. Empty: STORAGE_QUOTA_BYTES applies. 0: no limit.",
                null=True,
                verbose_name="storage quota",
            ),
        ),
    ]
