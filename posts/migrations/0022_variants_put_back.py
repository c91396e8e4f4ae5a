from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0021_fill_deleted_files")]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="put_back_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
