"""Build the indexes of large tables while workers go on.

For the admin's search (config/admin/search), the operators' list in the order of a time over all
workspaces, the claim statement (`dispatch/fairness.py`), and what statistics and the overview read.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Upper

from destinations.runtime.migration_operations import AddIndexBeside
from destinations.runtime.migration_tables import index, not_null


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("destinations", "0008_fill_awaits_network")]

    operations = [
        AddIndexBeside(
            "account",
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("username"), name="gin_trgm_ops"),
                OpClass(Upper("display_name"), name="gin_trgm_ops"),
                name="account_names",
            ),
        ),
        AddIndexBeside(
            "account",
            index("account_held", "platform", "held_until", where=Q(held_until__isnull=False)),
        ),
        AddIndexBeside(
            "account",
            index(
                "account_to_reconnect",
                "platform",
                "needs_reconnection_since",
                where=Q(needs_reconnection_since__isnull=False),
            ),
        ),
        AddIndexBeside(
            "destination",
            models.Index(
                Func(
                    "platform_post_url",
                    Value("([^/?#]+)/*(?:[?#].*)?$"),
                    function="SUBSTRING",
                    output_field=models.TextField(),
                ),
                condition=Q(platform__in=("facebook", "instagram", "threads"))
                & ~Q(platform_post_url=""),
                name="destination_link",
            ),
        ),
        AddIndexBeside(
            "destination",
            index("destination_moved", "updated_at", where=not_null("updated_at")),
        ),
        AddIndexBeside(
            "destination",
            index(
                "destination_awaits_network",
                "awaits_network",
                "due_at",
                where=Q(awaits_network=True),
            ),
        ),
        AddIndexBeside(
            "destination",
            models.Index(
                F("platform"),
                Func("due_at", function="num_nonnulls", output_field=models.IntegerField()),
                F("error_code"),
                F("updated_at"),
                condition=~Q(error_code=""),
                name="destination_error",
            ),
        ),
        AddIndexBeside("event", index("event_request", "request_id", where=~Q(request_id=""))),
    ]
