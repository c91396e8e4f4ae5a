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


class StoredFile(models.Model):
    """A storage key that was written or abandoned recently.

    The row is stored before the bytes, and checked a day later: bytes that no file names by then
    are deleted. So a process that dies between the two leaves nothing behind permanently.
    """

    key = models.CharField(max_length=300)
    #: The file it was meant for.
    media_id = models.UUIDField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class MediaJob(models.Model):
    """Work on a file that one worker at a time does, under a lease. `posts.media.jobs` runs it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Identifies the run of a worker that holds the lease; null: no worker has the job.
    claim = models.UUIDField(null=True, blank=True)
    #: How often a worker started it.
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Variant(MediaJob):
    """Another form of a file, for networks that do not accept the original."""

    class Status(models.TextChoices):
        #: A message is on its way to a worker.
        WAITING = "waiting"
        MAKING = "making"
        READY = "ready"
        FAILED = "failed"

    media = models.ForeignKey("posts.Media", models.CASCADE, related_name="variants")
    #: What to make: the fields of platforms.limits.Form.
    form = models.JSONField()
    #: SHA-256 of the form, hex: networks that need the same form share one variant.
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    #: When the worker that makes it, or the message about it, counts as lost.
    lease_until = models.DateTimeField()
    #: When it last could not be read or stored through no fault of the file: others go first.
    put_back_at = models.DateTimeField(null=True, blank=True)
    #: Where the bytes are in the default storage.
    storage_key = models.CharField(max_length=300, blank=True)
    #: `media`: the fields of platforms.drafts.Media that differ; `note`: a text for the customer.
    facts = models.JSONField(default=dict, blank=True)
    #: Why it cannot be made; shown to customers.
    error = models.TextField(blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "digest"], name="variant_once_per_form"),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(status__in=["waiting", "making"]),
                name="variant_unmade",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form.get('content_type', '')} {self.digest[:8]}"


class Fetch(MediaJob):
    """A file to download from its URL. The row is deleted when the file is ready or has failed."""

    media = models.OneToOneField("posts.Media", models.CASCADE, related_name="fetch")
    url = models.TextField()
    #: When a worker may claim it: at once, after a pause, or when the lease of another one ends.
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "fetches"

    def __str__(self) -> str:
        return str(self.media_id)
