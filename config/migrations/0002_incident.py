"""Add incidents."""

from django.db import migrations, models
from django.db.models import Q

from destinations.runtime.migration_tables import ID, choice, index, table, unique


class Migration(migrations.Migration):
    dependencies = [("config", "0001_identities")]

    operations = [
        table(
            "Incident",
            index("incident_closed", "closed_at"),
            unique("incident_once_at_a_time", "cause", where=Q(closed_at__isnull=True)),
            id=ID,
            cause=models.CharField(max_length=200),
            level=choice("problem warning"),
            said=models.TextField(verbose_name="what is wrong"),
            remedy=models.TextField(blank=True, verbose_name="what to do"),
            opened_at=models.DateTimeField(verbose_name="began"),
            seen_at=models.DateTimeField(),
            closed_at=models.DateTimeField(blank=True, null=True, verbose_name="over"),
            told=models.CharField(blank=True, max_length=10, verbose_name="told as"),
            told_at=models.DateTimeField(blank=True, null=True, verbose_name="told"),
            options={"ordering": ["-pk"]},
        ),
    ]
