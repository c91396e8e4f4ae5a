"""Tell the tries that fell into a known outage from those that may prove another."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns


class Migration(migrations.Migration):
    dependencies = [("destinations", "0017_lease_until")]

    operations = [
        AddColumns(unansweredtry={"in_outage": models.BooleanField(db_default=False)}),
    ]
