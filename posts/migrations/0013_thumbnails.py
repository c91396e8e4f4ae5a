from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0012_kept_answers")]

    operations = [
        migrations.AddField(
            model_name="media",
            name="thumbnail_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
    ]
