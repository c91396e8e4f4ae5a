import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0010_fill_published_at"),
    ]

    operations = [
        # Trusted since PostgreSQL 13: whoever may create objects in the database may create it.
        TrigramExtension(),
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
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("content"), name="gin_trgm_ops"
                ),
                name="post_content",
            ),
        ),
    ]
