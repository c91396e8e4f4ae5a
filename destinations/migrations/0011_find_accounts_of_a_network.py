from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0010_index_of_may_be_public")]

    operations = [
        migrations.AddIndex(
            "account",
            models.Index(fields=["platform", "platform_account_id"], name="account_of_network"),
        )
    ]
