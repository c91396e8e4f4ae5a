"""Add a post's place in its lane, and what probes and doubts need to know."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


def _moment() -> models.DateTimeField:
    return models.DateTimeField(blank=True, null=True)


class Migration(migrations.Migration):
    dependencies = [("destinations", "0015_unanswered_try")]

    operations = [
        AddColumns(
            destination={"lane_at": _moment()},
            account={"doubt_until": _moment(), "probed_at": _moment()},
        ),
    ]
