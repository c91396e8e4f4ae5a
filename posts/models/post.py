import uuid

from django.db import models

from destinations import public_ids


def _sometimes(column: str, *, name: str) -> models.Index:
    """An index for lists sorted by a time that some posts do not have."""
    return models.Index("workspace", models.F(column).desc(nulls_last=True), "id", name=name)


class Post(models.Model):
    """What a customer wrote, and when to publish it. Its destinations are published."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        PUBLISHING = "publishing"
        PUBLISHED = "published"
        PARTIAL = "partial"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `post_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="posts", db_index=False
    )
    content = models.TextField()
    #: What differs on a platform: {platform: {content, contentType, settings}}.
    platform_content = models.JSONField(default=dict, blank=True)
    #: Derived from the destinations, in the transaction of every move.
    status = models.CharField(max_length=10, choices=Status.choices)
    #: Null: publish at once.
    scheduled_for = models.DateTimeField(null=True, blank=True)
    #: When its first destination was published; updated with the status.
    published_at = models.DateTimeField(null=True, blank=True)
    #: The IANA name the customer sent; gives meaning to times without an offset.
    timezone = models.CharField(max_length=64, default="UTC")
    media = models.ManyToManyField("posts.Media", through="posts.PostMedia", related_name="posts")
    #: Deleted files of the post, {id: name}, until the customer replaces them.
    deleted_files = models.JSONField(default=dict, db_default={}, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at", "id"], name="post_newest"),
            models.Index(fields=["workspace", "status", "-created_at"], name="post_status"),
            models.Index(fields=["workspace", "-updated_at", "id"], name="post_updated"),
            _sometimes("scheduled_for", name="post_scheduled"),
            _sometimes("published_at", name="post_published"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_ids.encode(public_ids.POST, self.id)


class PostMedia(models.Model):
    """One file of a post, at its position."""

    #: `post_media_once` serves as its index.
    post = models.ForeignKey(
        "posts.Post", models.CASCADE, related_name="attachments", db_index=False
    )
    media = models.ForeignKey("posts.Media", models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    #: A description for people who cannot see it.
    alt_text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["post", "media"], name="post_media_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.position}"
