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
    kind = models.CharField(max_length=10, choices=Kind.choices)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    #: As declared; checked against what arrived when the upload is completed.
    size_bytes = models.BigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    #: Where the bytes are in the default storage.
    storage_key = models.CharField(max_length=300)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "media"
        indexes = [models.Index(fields=["workspace", "-created_at"], name="media_newest")]

    def __str__(self) -> str:
        return self.filename
