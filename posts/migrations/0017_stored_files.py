from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0016_find_unready_media")]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=300)),
                ("media_id", models.UUIDField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
