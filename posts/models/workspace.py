import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper

from posts.models.indexes import where_set

#: Four weeks.
MOST_MINUTES = 4 * 7 * 24 * 60


class Workspace(models.Model):
    """A tenant. It owns API keys, accounts, media and posts."""

    class ApprovalMode(models.TextChoices):
        NONE = "none", "Posts need no approval"
        OPTIONAL = "optional", "A post needs approval if a person asks for it"
        REQUIRED_INTERNAL = "required_internal", "Every post needs approval"
        REQUIRED_INTERNAL_AND_CLIENT = (
            "required_internal_and_client",
            "Every post needs approval, and then the client's",
        )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    #: Scheduled posts that are later than this are not published automatically.
    missed_after_minutes = models.PositiveIntegerField(
        "latest start, in minutes after the scheduled time",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="A scheduled post that could not be started within this time fails as "
        "missed_schedule and waits for a manual retry. Blank: it is published however late.",
    )
    #: The bytes that its files may take; null: STORAGE_QUOTA_BYTES applies, 0: no limit.
    storage_quota_bytes = models.PositiveBigIntegerField(
        "storage quota",
        null=True,
        blank=True,
        help_text="In bytes. Empty: STORAGE_QUOTA_BYTES applies. 0: no limit.",
    )
    #: The AI credits that it may spend; null: AI_CREDITS_PER_MONTH applies, 0: no limit.
    ai_credits_per_month = models.PositiveIntegerField(
        "AI credits per month",
        null=True,
        blank=True,
        help_text="Calendar months in UTC. Empty: AI_CREDITS_PER_MONTH applies. 0: no limit.",
    )
    keep_metadata = models.BooleanField(
        "publish files with their metadata",
        default=False,
        db_default=False,
        help_text="Metadata is place, device, time and names in images and videos. Unless this is "
        "set, networks and links get copies without it; the original files are kept. Applies to "
        "posts that are created or changed from now on.",
    )
    approval_mode = models.CharField(
        "approval",
        max_length=30,
        choices=ApprovalMode.choices,
        default=ApprovalMode.NONE,
        db_default=ApprovalMode.NONE,
        help_text="A post that needs approval is not published before it is approved. Applies to "
        "posts that are created, scheduled or changed from now on; those that wait already need "
        "their approval also if this is switched off.",
    )
    #: What posts get that name no hashtag sets or no first comment.
    post_defaults = models.JSONField(default=dict, db_default={}, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # Matches the SQL of a case-insensitive search.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="workspace_name"),
        ]

    def __str__(self) -> str:
        return self.name


DEFAULT_COLOR = "#3b82f6"


class Campaign(models.Model):
    """A name under which a workspace collects posts.

    Deleting one only sets `deleted_at`, however many posts it has: from then on they are in no
    campaign, and `deleted_campaigns` makes their columns say so, some at a time.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        #: Its posts stay; it takes no more.
        ARCHIVED = "archived"

    #: Never used again: PostgreSQL's sequence only goes up.
    id = models.BigAutoField(primary_key=True)
    #: `campaign_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="campaigns", db_index=False
    )
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    #: `#rrggbb`, in lower case.
    color = models.CharField(max_length=7, default=DEFAULT_COLOR)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="campaign_newest"),
            where_set("deleted_at", "id", name="campaign_deleted"),
            # Matches the SQL of a case-insensitive search.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="campaign_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PostingQueue(models.Model):
    """Times of the week at which a workspace publishes: a post that enters gets the next free one.

    It has nothing to do with Celery's queues: `Destination.queue` is one of those.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="posting_queues")
    name = models.CharField(max_length=100)
    #: The IANA name of the zone in which the slots are wall times.
    timezone = models.CharField(max_length=64, default="UTC")
    #: [{"day_of_week": 0 for Sunday, "time": "HH:MM"}], in their order in the week, each once.
    slots = models.JSONField()
    #: False: the destinations of its posts have no due time until it is active again.
    active = models.BooleanField(default=True)
    #: It takes posts that name no queue.
    is_default = models.BooleanField(default=False)
    #: The accounts whose posts it takes; null: all of the workspace.
    account_ids = models.JSONField(null=True, blank=True)
    max_posts_per_slot = models.PositiveSmallIntegerField(default=1)
    #: A post is published up to this many minutes after its slot, by chance.
    jitter_minutes = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_default=True),
                name="posting_queue_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name
