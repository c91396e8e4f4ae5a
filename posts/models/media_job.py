import uuid

from django.db import models


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
