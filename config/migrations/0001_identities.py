"""Add the identities of operators at a provider of single sign-on."""

from django.conf import settings
from django.db import migrations, models

from destinations.runtime.migration_tables import ID, table, unique


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        table(
            "Identity",
            unique("one_user_per_identity", "issuer", "subject"),
            id=ID,
            issuer=models.CharField(max_length=500),
            subject=models.CharField(max_length=255),
            user=models.OneToOneField(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="identity"
            ),
            options={"verbose_name_plural": "identities"},
        ),
    ]
