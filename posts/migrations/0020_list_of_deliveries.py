"""The operators' list of webhook deliveries is in the order of a time, over all webhooks."""

from django.db import migrations, models
from django.db.models.lookups import Exact


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0019_campaign_names"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                fields=["created_at"],
                condition=models.Q(
                    Exact(
                        models.Func(
                            "created_at",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    )
                ),
                name="webhook_delivery_listed",
            ),
        ),
    ]
