"""Index the links of WordPress' posts too, which name a post by its title.

The new index is there before the one that it replaces is gone.
"""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Func, Q, Value

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("destinations", "0013_server")]

    operations = [
        AddIndexBeside(
            "destination",
            models.Index(
                Func(
                    "platform_post_url",
                    Value("([^/?#]+)/*(?:[?#].*)?$"),
                    function="SUBSTRING",
                    output_field=models.TextField(),
                ),
                condition=Q(platform__in=("facebook", "instagram", "threads", "wordpress"))
                & ~Q(platform_post_url=""),
                name="destination_link_part",
            ),
        ),
        RemoveIndexConcurrently("destination", "destination_link"),
    ]
