from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0008_missed_schedules")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="published_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
