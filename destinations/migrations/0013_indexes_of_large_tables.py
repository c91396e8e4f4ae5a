"""Indexes of columns that earlier migrations add, built while workers go on."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("destinations", "0012_vacuum_often"),
    ]

    operations = [
        AddIndexBeside(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("awaits_network", True)),
                fields=["awaits_network", "due_at"],
                name="destination_awaits_network",
            ),
        ),
        AddIndexBeside(
            model_name="destination",
            index=models.Index(
                models.F("platform"),
                models.Func("due_at", function="num_nonnulls", output_field=models.IntegerField()),
                models.F("error_code"),
                models.F("updated_at"),
                condition=models.Q(("error_code", ""), _negated=True),
                name="destination_error",
            ),
        ),
    ]
