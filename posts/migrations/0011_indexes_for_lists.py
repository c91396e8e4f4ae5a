from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0010_fill_published_at"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["workspace", "-updated_at", "id"], name="post_updated"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("scheduled_for"), descending=True, nulls_last=True),
                models.F("id"),
                name="post_scheduled",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("published_at"), descending=True, nulls_last=True),
                models.F("id"),
                name="post_published",
            ),
        ),
    ]
