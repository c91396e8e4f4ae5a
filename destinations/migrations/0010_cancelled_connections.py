from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0009_order_of_lists")]

    operations = [
        migrations.AddField(
            "connection", "cancelled_at", models.DateTimeField(blank=True, null=True)
        ),
    ]
