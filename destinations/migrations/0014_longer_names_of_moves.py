from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0013_account_display_name")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="move",
            field=models.CharField(max_length=40),
        ),
    ]
