import uuid

from django.db import models

from destinations import public_ids


def _sometimes(column: str, *, name: str) -> models.Index:
    """The index of lists sorted by a time that not every post has."""
    return models.Index("workspace", models.F(column).desc(nulls_last=True), "id", name=name)


class Post(models.Model):
    """What a customer wrote, with a time. Its destinations do the rest."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        PUBLISHING = "publishing"
        PUBLISHED = "published"
        PARTIAL = "partial"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="posts")
    content = models.TextField()
    #: What is said differently on a platform: {platform: {content, contentType, settings}}.
    platform_content = models.JSONField(default=dict, blank=True)
    #: Follows from the destinations; rolled up in the transaction of every move.
    status = models.CharField(max_length=10, choices=Status.choices)
    #: Null: publish at once.
    scheduled_for = models.DateTimeField(null=True, blank=True)
    #: When the first of its destinations was; rolled up with the status.
    published_at = models.DateTimeField(null=True, blank=True)
    #: The IANA name the customer sent; gives meaning to times without an offset.
    timezone = models.CharField(max_length=64, default="UTC")
    media = models.ManyToManyField("posts.Media", through="posts.PostMedia", related_name="posts")
    #: Files it had that were deleted, {id: name}, until somebody says which files it has instead.
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
    """One file of a post, in its place."""

    post = models.ForeignKey("posts.Post", models.CASCADE, related_name="attachments")
    media = models.ForeignKey("posts.Media", models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    #: What it shows, for people who cannot see it.
    alt_text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["post", "media"], name="post_media_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.position}"
