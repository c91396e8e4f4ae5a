from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0007_begun_count")]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="not_after",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
