from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0022_variants_put_back")]

    operations = [
        migrations.AddField(
            model_name="media",
            name="broken_count",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
