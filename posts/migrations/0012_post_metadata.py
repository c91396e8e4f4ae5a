"""What customers note on their posts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0011_posts_of_a_file"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
