"""The admin's search finds campaigns by parts of their names."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0018_analytics"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="campaign",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                name="campaign_name",
            ),
        ),
    ]
