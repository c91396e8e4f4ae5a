"""Add calendar feeds, share links, and the approval of posts."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import CASCADE, ForeignKey, Q

from destinations.runtime.migration_tables import (
    ID,
    UUID,
    choice,
    covered_key,
    index,
    primary_key_to,
    table,
)


class Migration(migrations.Migration):
    dependencies = [("posts", "0008_sources")]

    operations = [
        table(
            "CalendarFeed",
            index("calendar_feed_created", "created_at"),
            id=UUID,
            name=models.CharField(max_length=100),
            digest=models.CharField(max_length=64, unique=True),
            statuses=ArrayField(models.CharField(max_length=10), blank=True, default=list),
            platforms=ArrayField(models.CharField(max_length=20), blank=True, default=list),
            account_number=models.BigIntegerField(blank=True, null=True),
            campaign_number=models.BigIntegerField(blank=True, null=True),
            only=ArrayField(models.BigIntegerField(), blank=True, null=True),
            by=models.CharField(max_length=200),
            created_at=models.DateTimeField(auto_now_add=True),
            last_read_at=models.DateTimeField(blank=True, null=True),
            revoked_at=models.DateTimeField(blank=True, null=True),
            workspace=ForeignKey("posts.workspace", CASCADE, related_name="calendar_feeds"),
        ),
        table(
            "RemovedEvent",
            index("removed_of_workspace", "workspace", "-removed_at"),
            index("removed_event_at", "removed_at"),
            id=models.UUIDField(primary_key=True, serialize=False),
            at=models.DateTimeField(),
            text=models.CharField(max_length=200),
            status=models.CharField(max_length=10),
            account_numbers=ArrayField(models.BigIntegerField()),
            platforms=ArrayField(models.CharField(max_length=20)),
            campaign_number=models.BigIntegerField(null=True),
            created_at=models.DateTimeField(),
            removed_at=models.DateTimeField(),
            workspace=covered_key("posts.workspace", "+"),
        ),
        table(
            "ShareLink",
            id=UUID,
            digest=models.CharField(max_length=64, unique=True),
            can_decide=models.BooleanField(default=False),
            reviewer=models.CharField(max_length=100, blank=True, default=""),
            created_by=models.CharField(max_length=200),
            created_at=models.DateTimeField(),
            expires_at=models.DateTimeField(),
            revoked_at=models.DateTimeField(blank=True, null=True),
            post=ForeignKey("posts.post", CASCADE, related_name="share_links"),
            options={"default_permissions": ("view",)},
        ),
        table(
            "Approval",
            index("approval_expires", "expires_at", where=Q(expires_at__isnull=False)),
            index("approval_remind", "remind_at", where=Q(remind_at__isnull=False)),
            index(
                "approval_waiting",
                "requested_at",
                where=Q(decided_at__isnull=True, requested_at__isnull=False),
            ),
            post=primary_key_to("posts.post", "approval"),
            status=choice(
                "none pending approved changes_requested rejected", max_length=20, default="pending"
            ),
            stage=choice("internal client", default="internal"),
            requested_at=models.DateTimeField(blank=True, null=True),
            reviewers=ArrayField(models.CharField(max_length=200), default=list, db_default=[]),
            decided_at=models.DateTimeField(blank=True, null=True),
            by=models.CharField(max_length=200, blank=True, default=""),
            comment=models.TextField(blank=True, default=""),
            created_by=models.CharField(max_length=200, blank=True, default=""),
            edited_by=models.CharField(max_length=200, blank=True, default=""),
            approved=models.JSONField(blank=True, null=True),
            expires_at=models.DateTimeField(blank=True, null=True),
            reminders=models.PositiveSmallIntegerField(default=0),
            remind_at=models.DateTimeField(blank=True, null=True),
            workspace=ForeignKey("posts.workspace", CASCADE, related_name="+"),
            options={
                "permissions": [
                    ("approve_post", "Can approve posts, and publish without approval")
                ],
                "default_permissions": ("view",),
            },
        ),
        table(
            "ApprovalEvent",
            index("approval_event_of_post", "post", "id"),
            id=ID,
            at=models.DateTimeField(),
            action=choice(
                "requested approved changes_requested rejected edited commented reminded "
                "missed overridden link_created link_revoked",
                max_length=20,
            ),
            stage=choice("internal client", blank=True, default=""),
            by=models.CharField(max_length=200),
            name=models.CharField(max_length=100, blank=True, default=""),
            text=models.TextField(blank=True, default=""),
            visibility=choice("internal client", default="internal"),
            changes=models.JSONField(blank=True, default=dict),
            request_id=models.CharField(max_length=40, blank=True, default=""),
            post=covered_key("posts.post", "approval_events"),
            options={"ordering": ["id"], "default_permissions": ("view",)},
        ),
    ]
