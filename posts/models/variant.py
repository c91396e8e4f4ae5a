import uuid

from django.db import models


class Variant(models.Model):
    """Another form of a file, for networks that do not take it as it is. The original is kept."""

    class Status(models.TextChoices):
        #: A message is on its way to a worker.
        WAITING = "waiting"
        MAKING = "making"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    media = models.ForeignKey("posts.Media", models.CASCADE, related_name="variants")
    #: What is to be made: the fields of platforms.limits.Form.
    form = models.JSONField()
    #: SHA-256 of the form, hex: networks that ask for the same share one file.
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    #: Who is making it.
    claim = models.UUIDField(null=True, blank=True)
    #: When whoever makes it, or the message about it, counts as lost.
    lease_until = models.DateTimeField()
    #: How often its making began.
    tries = models.PositiveSmallIntegerField(default=0)
    #: When it last could not be read or stored, for no fault of its own: all others go first.
    put_back_at = models.DateTimeField(null=True, blank=True)
    #: Where the bytes are in the default storage.
    storage_key = models.CharField(max_length=300, blank=True)
    #: What was made: the facts of platforms.drafts.Media.
    facts = models.JSONField(default=dict, blank=True)
    #: Why it cannot be made; customers read it.
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
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
