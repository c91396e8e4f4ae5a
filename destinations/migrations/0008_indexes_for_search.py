"""What the admin's search looks up (config/admin/search), each by an index of its own."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("destinations", "0007_statistics"),
        ("posts", "0005_fewer_indexes"),
    ]

    operations = [
        AddIndexBeside(
            model_name="account",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("username"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("display_name"), name="gin_trgm_ops"
                ),
                name="account_names",
            ),
        ),
        AddIndexBeside(
            model_name="destination",
            index=models.Index(
                models.Func(
                    "platform_post_url",
                    models.Value("([^/?#]+)/*(?:[?#].*)?$"),
                    function="SUBSTRING",
                    output_field=models.TextField(),
                ),
                condition=models.Q(
                    ("platform__in", ("facebook", "instagram", "threads")),
                    models.Q(("platform_post_url", ""), _negated=True),
                ),
                name="destination_link",
            ),
        ),
        AddIndexBeside(
            model_name="event",
            index=models.Index(
                condition=models.Q(("request_id", ""), _negated=True),
                fields=["request_id"],
                name="event_request",
            ),
        ),
    ]
