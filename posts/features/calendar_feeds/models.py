import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CalendarFeed(models.Model):
    """A secret address at which calendar programs read posts of a workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="calendar_feeds")
    name = models.CharField(max_length=100)
    #: SHA-256 of the token in its address, hex. 128 random bits need no slow hash.
    digest = models.CharField(max_length=64, unique=True)
    #: Which posts; empty or null: all.
    statuses = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    platforms = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    account_number = models.BigIntegerField(null=True, blank=True)
    campaign_number = models.BigIntegerField(null=True, blank=True)
    #: The accounts of the restricted key that made it; null: all of the workspace.
    only = ArrayField(models.BigIntegerField(), null=True, blank=True)
    #: Who made it.
    by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="calendar_feed_created")]

    def __str__(self) -> str:
        return self.name


class RemovedEvent(models.Model):
    """A deleted post that calendars are still told is cancelled."""

    #: The post's id.
    id = models.UUIDField(primary_key=True)
    #: `removed_of_workspace` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    text = models.CharField(max_length=200)
    status = models.CharField(max_length=10)
    account_numbers = ArrayField(models.BigIntegerField())
    platforms = ArrayField(models.CharField(max_length=20))
    campaign_number = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-removed_at"], name="removed_of_workspace"),
            models.Index(fields=["removed_at"], name="removed_event_at"),
        ]

    def __str__(self) -> str:
        return str(self.id)
