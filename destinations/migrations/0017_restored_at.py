from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0016_claim_counter")]

    operations = [
        migrations.AddField("heartbeat", "restored_at", models.DateTimeField(blank=True, null=True))
    ]
