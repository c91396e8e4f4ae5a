import uuid

from django.db import models


class Media(models.Model):
    """An uploaded file: content of posts, kept until it is deleted."""

    class Status(models.TextChoices):
        UPLOADING = "uploading"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        IMAGE = "image"
        VIDEO = "video"
        DOCUMENT = "document"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="media")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADING)
    #: Empty, as `content_type`, while a file is fetched of which nothing is known yet.
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100, blank=True)
    #: As declared; checked against what arrived when the upload is completed. 0: not known yet.
    size_bytes = models.BigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    #: By FFmpeg's names; no sound is no `audio_codec`.
    video_codec = models.CharField(max_length=40, blank=True)
    audio_codec = models.CharField(max_length=40, blank=True)
    frames_per_second = models.FloatField(null=True, blank=True)
    #: Pictures of an animation; 1 for a still one.
    frames = models.PositiveIntegerField(default=1)
    #: Whether a video can be played from its first byte on.
    index_first = models.BooleanField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    #: Whether it says more than it shows: place, device, names. None: not known of an old file.
    has_metadata = models.BooleanField(null=True, blank=True)
    #: Where the bytes are in the default storage, as they were sent.
    storage_key = models.CharField(max_length=300)
    #: Where the bytes without metadata are; empty: they are not made, or not needed.
    stripped_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    #: Where a small picture of it is; empty: there is none.
    thumbnail_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    #: How often reading these bytes ended without an answer.
    broken_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    error = models.TextField(blank=True)
    #: With what code and details a request is refused that waits for the file to be fetched.
    refusal = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "media"
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="media_newest"),
            # Workers know a file by its key.
            models.Index(
                fields=["storage_key"], condition=~models.Q(storage_key=""), name="media_stored"
            ),
            # What is cleaned away once it is old.
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["uploading", "failed"]),
                name="media_unready",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_stripped(self) -> bool:
        """Whether others get it without its metadata only."""
        shows_more = self.has_metadata is not False and self.kind != self.Kind.DOCUMENT
        return shows_more and not self.workspace.keep_metadata

    @property
    def public_key(self) -> str:
        """Where the bytes are that others may see; empty while they are still to be made."""
        return self.stripped_key if self.is_stripped else self.storage_key
