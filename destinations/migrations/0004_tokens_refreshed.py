from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("destinations", "0003_connected_accounts_and_notes")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="is_refreshable",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="account",
            name="refresh_expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("is_refreshable", True)),
                fields=["platform", "token_expires_at"],
                name="account_to_refresh",
            ),
        ),
    ]
