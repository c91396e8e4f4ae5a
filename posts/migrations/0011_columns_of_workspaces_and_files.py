"""Add columns of workspaces (AI credits, approval, defaults of posts) and of files (open sizes)."""

from django.db import migrations, models

from destinations.runtime.migration_operations import AddColumns

MODES = [
    ("none", "Posts need no approval"),
    ("optional", "A post needs approval if a person asks for it"),
    ("required_internal", "Every post needs approval"),
    ("required_internal_and_client", "Every post needs approval, and then the client's"),
]


class Migration(migrations.Migration):
    dependencies = [("posts", "0010_analytics")]

    operations = [
        AddColumns(
            workspace={
                "ai_credits_per_month": models.PositiveIntegerField(
                    blank=True,
                    help_text="Calendar months in UTC. Empty: AI_CREDITS_PER_MONTH applies. 0: no limit.",
                    null=True,
                    verbose_name="AI credits per month",
                ),
                "approval_mode": models.CharField(
                    choices=MODES,
                    db_default="none",
                    default="none",
                    help_text="A post that needs approval is not published before it is approved. Applies to posts that are created, scheduled or changed from now on; those that wait already need their approval also if this is switched off.",
                    max_length=30,
                    verbose_name="approval",
                ),
                "post_defaults": models.JSONField(blank=True, db_default={}, default=dict),
            },
            media={"size_is_open": models.BooleanField(db_default=False, default=False)},
        ),
    ]
