import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from destinations import public_ids
from destinations.models.conditions import has
from posts.models.indexes import where_set


def _sometimes(column: str, *, name: str) -> models.Index:
    """An index for lists sorted by a time that some posts do not have."""
    return models.Index("workspace", models.F(column).desc(nulls_last=True), "id", name=name)


class Written(models.Model):
    """What posts and recurrences both keep as the customer sent it.

    A new plain field of `posts.content` gets its column here. `metadata` is older, and stands on
    each.
    """

    content = models.TextField()

    class Meta:
        abstract = True


class Post(Written):
    """What a customer wrote, and when to publish it. Its destinations are published."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        PUBLISHING = "publishing"
        PUBLISHED = "published"
        PARTIAL = "partial"
        FAILED = "failed"

    class QueuePriority(models.IntegerChoices):
        HIGH = 1
        MEDIUM = 2
        LOW = 3

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `post_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="posts", db_index=False
    )
    #: What differs on a platform: {platform: {content, contentType, settings}}.
    platform_content = models.JSONField(default=dict, blank=True)
    #: Derived from the destinations, in the transaction of every move.
    status = models.CharField(max_length=10, choices=Status.choices)
    #: Null: publish at once.
    scheduled_for = models.DateTimeField(null=True, blank=True)
    #: How late it may begin, beside what its workspace says; null: no limit of its own.
    missed_after_minutes = models.IntegerField(null=True)
    #: When its first destination was published; updated with the status.
    published_at = models.DateTimeField(null=True, blank=True)
    #: The IANA name the customer sent; gives meaning to times without an offset.
    timezone = models.CharField(max_length=64, default="UTC")
    #: `post_of_campaign` serves as its index. A campaign that was deleted may still be named here.
    campaign = models.ForeignKey(
        "posts.Campaign", models.SET_NULL, null=True, related_name="posts", db_index=False
    )
    media = models.ManyToManyField("posts.Media", through="posts.PostMedia", related_name="posts")
    #: Deleted files of the post, {id: name}, until the customer replaces them.
    deleted_files = models.JSONField(default=dict, db_default={}, blank=True)
    #: The customer's own notes, in reads and events as they were sent.
    metadata = models.JSONField(default=dict, db_default={}, blank=True)
    #: What it says of its hashtags and what it took. Null: nothing.
    hashtags = models.JSONField(null=True)
    #: The queue that gave it its time. `post_slot` serves as its index.
    posting_queue = models.ForeignKey(
        "posts.PostingQueue", models.SET_NULL, null=True, related_name="posts", db_index=False
    )
    #: Its slot in that queue; `scheduled_for` is this and the queue's jitter.
    slot_at = models.DateTimeField(null=True)
    #: Who comes first when the queue gives all its posts new slots.
    queue_priority = models.SmallIntegerField(null=True, choices=QueuePriority.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    #: Of a post that is being changed: the status of its approval, None without one, and what its
    #: workspace requires. `composing.changes.lock` reads them.
    approval_status: str | None = None
    approval_mode: str = "none"
    #: Whether it may not be published before a person approves it. Set by what composes it.
    awaits_approval: bool = False
    #: What each account would be sent: `composing.validate`. Set by what composes or changes it.
    validations: Sequence[Any] = ()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at", "id"], name="post_newest"),
            # The operators' list, of all workspaces, and nothing else.
            models.Index(
                fields=["created_at"],
                condition=models.Q(has("created_at")),
                name="post_created",
            ),
            models.Index(fields=["workspace", "status", "-created_at"], name="post_status"),
            models.Index(fields=["workspace", "-updated_at", "id"], name="post_updated"),
            _sometimes("scheduled_for", name="post_scheduled"),
            _sometimes("published_at", name="post_published"),
            # A post in no campaign writes nothing here. Only what names a campaign uses it.
            where_set("campaign", "campaign", "-created_at", "id", name="post_of_campaign"),
            # The calendar of all workspaces. It adds a tenth to what a scheduled post's row and
            # indexes write per move, and nothing for a post to be published at once. The function
            # hides the condition: for one workspace the planner must never take it.
            models.Index(
                models.F("scheduled_for").desc(nulls_last=True),
                "id",
                condition=models.Q(has("scheduled_for")),
                name="post_at",
            ),
            # The slots of a queue that are taken. Posts outside of queues are not in it.
            where_set("posting_queue", "posting_queue", "slot_at", name="post_slot"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_ids.encode(public_ids.POST, self.id)

    @property
    def queue_id(self) -> str | None:
        """The id of its posting queue as the API shows it."""
        return str(self.posting_queue_id) if self.posting_queue_id else None

    @property
    def is_held(self) -> bool:
        """Return whether it waits, because its queue is switched off."""
        return self.posting_queue is not None and not self.posting_queue.active


class PostMedia(models.Model):
    """One file of a post, at its position."""

    #: `post_media_once` serves as its index.
    post = models.ForeignKey(
        "posts.Post", models.CASCADE, related_name="attachments", db_index=False
    )
    #: `post_media_of_file` serves as its index.
    media = models.ForeignKey(
        "posts.Media", models.PROTECT, related_name="attachments", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    #: A description for people who cannot see it.
    alt_text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["post", "media"], name="post_media_once"),
        ]
        # The posts of a file, newest first. With the post in it thousands of them are found
        # without reading the table.
        indexes = [
            models.Index(fields=["media", "id"], include=["post"], name="post_media_of_file"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.position}"


class PostText(models.Model):
    """The searchable text of a post, kept up to date by a database trigger.

    It has its own table because every move rewrites the post's row and its index entries; for this
    index that would cost more than the move itself.
    """

    post = models.OneToOneField(
        "posts.Post", models.CASCADE, primary_key=True, related_name="searched"
    )
    text = models.TextField()

    class Meta:
        indexes = [
            # Matches the SQL of a case-insensitive search.
            GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="post_text"),
        ]

    def __str__(self) -> str:
        return f"text of {self.post_id}"
