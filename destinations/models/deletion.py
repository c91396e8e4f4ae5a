import uuid

from django.db import models

from destinations import public_ids


class Deletion(models.Model):
    """A public post that is to go from its network, or that stays there without its post here.

    Written before the network is asked, and kept when the destination is deleted: so what is still
    public, and who wanted what, stays known. `due_at` is its only clock, as a destination's.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        DELETING = "deleting"
        DELETED = "deleted"
        ALREADY_GONE = "already_gone"
        #: The network lets no app delete it: a person must.
        NOT_SUPPORTED = "not_supported"
        FAILED = "failed"
        #: It was not asked to go: only its post was deleted here.
        LEFT = "left"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: No foreign keys, because this outlives them.
    destination_id = models.UUIDField(unique=True)
    post_id = models.UUIDField(db_index=True)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="+")
    account = models.ForeignKey(
        "destinations.Account", models.SET_NULL, null=True, related_name="deletions"
    )
    account_number = models.BigIntegerField()
    account_name = models.CharField(max_length=200)
    platform = models.CharField(max_length=20)
    platform_post_id = models.CharField(max_length=300, blank=True)
    platform_post_url = models.URLField(max_length=1000, blank=True)
    #: The parts to delete: the post, or each public part of a thread in order. {"id", "removal"};
    #: removal is a `platforms.outcomes.Removal`, or blank while the network has not answered.
    parts = models.JSONField(default=list)
    #: Whether the network has shown the post as the account's own. Not needed for an id that the
    #: network gave to our own call; a person's word alone is not enough.
    is_proven = models.BooleanField(default=True)
    #: Whether the post here is deleted once everything that was to go is gone.
    removes_post = models.BooleanField(default=False)

    status = models.CharField(max_length=13, choices=Status.choices, default=Status.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    #: Failures that count against the retry policy.
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    request_id = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="deletion_due",
            ),
            models.Index(fields=["asked_at", "id"], name="deletion_asked"),
            # Failures that a person must look at.
            models.Index(
                fields=["ended_at"],
                condition=models.Q(status="failed"),
                name="deletion_failed",
            ),
            # Whether a found post belongs to a destination whose post was deleted here.
            models.Index(
                fields=["platform_post_id"],
                condition=~models.Q(platform_post_id=""),
                name="deletion_platform_post",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_name} on {self.platform}"

    @property
    def is_open(self) -> bool:
        """Return whether it waits for a worker, or has one."""
        return self.status in OPEN

    @property
    def is_gone(self) -> bool:
        """Return whether the network no longer shows it."""
        return self.status in GONE

    @property
    def destination_public_id(self) -> str:
        return public_ids.encode(public_ids.DESTINATION, self.destination_id)

    @property
    def post_public_id(self) -> str:
        return public_ids.encode(public_ids.POST, self.post_id)


OPEN = (Deletion.Status.WAITING, Deletion.Status.DELETING)
GONE = (Deletion.Status.DELETED, Deletion.Status.ALREADY_GONE)
