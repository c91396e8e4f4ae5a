"""What the admin's search looks up (config/admin/search), each by an index of its own."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("posts", "0005_fewer_indexes"),
    ]

    operations = [
        AddIndexBeside(
            model_name="apikey",
            index=models.Index(
                fields=["prefix"], name="key_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ),
        AddIndexBeside(
            model_name="media",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("filename"), name="gin_trgm_ops"
                ),
                name="media_filename",
            ),
        ),
        AddIndexBeside(
            model_name="workspace",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                name="workspace_name",
            ),
        ),
    ]
