from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0019_fill_post_texts")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="deleted_files",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
