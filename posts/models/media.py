import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class Media(models.Model):
    """An uploaded or fetched file. It is kept until it is deleted."""

    class Status(models.TextChoices):
        UPLOADING = "uploading"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        IMAGE = "image"
        VIDEO = "video"
        DOCUMENT = "document"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `media_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="media", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADING)
    #: Empty, like `content_type`, while a file is fetched whose type is not known yet.
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100, blank=True)
    #: As announced; checked against the received bytes on completion. 0: not known yet.
    size_bytes = models.BigIntegerField()
    #: No size was announced: until the bytes are here, `size_bytes` is the most there may be.
    size_is_open = models.BooleanField(default=False, db_default=False)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    #: FFmpeg's names; `audio_codec` is empty without sound.
    video_codec = models.CharField(max_length=40, blank=True)
    audio_codec = models.CharField(max_length=40, blank=True)
    frames_per_second = models.FloatField(null=True, blank=True)
    #: Frames of an animation; 1 for a still image.
    frames = models.PositiveIntegerField(default=1)
    #: Whether a video can be played while it downloads.
    index_first = models.BooleanField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    #: Whether it has metadata about place, device or names. None: unknown, for old files.
    has_metadata = models.BooleanField(null=True, blank=True)
    #: Where the original bytes are in the default storage.
    storage_key = models.CharField(max_length=300)
    #: Where the copy without metadata is; empty: not made yet, or not needed.
    stripped_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    #: Where the thumbnail is; empty: there is none.
    thumbnail_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    #: How often reading these bytes ended without an answer.
    broken_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    error = models.TextField(blank=True)
    #: The error code and details for the request that waits for the file to be fetched.
    refusal = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "media"
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="media_newest"),
            # The operators' list, of all workspaces.
            models.Index(fields=["-created_at", "id"], name="media_created"),
            # Workers find a file by its key.
            models.Index(
                fields=["storage_key"], condition=~models.Q(storage_key=""), name="media_stored"
            ),
            # What cleanup deletes once it is old.
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["uploading", "failed"]),
                name="media_unready",
            ),
            # Matches the SQL of a case-insensitive search.
            GinIndex(OpClass(Upper("filename"), name="gin_trgm_ops"), name="media_filename"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def keep_metadata(self) -> bool:
        return self.workspace.keep_metadata

    @property
    def is_stripped(self) -> bool:
        """Return whether only the copy without metadata may be published."""
        shows_more = self.has_metadata is not False and self.kind != Media.Kind.DOCUMENT
        return shows_more and not self.keep_metadata

    @property
    def public_key(self) -> str:
        """Return where the publishable bytes are; empty while they are still to be made."""
        return self.stripped_key if self.is_stripped else self.storage_key
