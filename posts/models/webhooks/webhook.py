import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Webhook(models.Model):
    """An address of a customer that is told what happens in a workspace."""

    class IdForm(models.TextChoices):
        """How the events it gets write the ids of posts and destinations."""

        PUBLIC = "public", "post_…, dest_…"
        UUID = "uuid", "UUIDs"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="webhooks")
    #: Byte for byte as it was sent: clients find their own by comparing it.
    url = models.TextField()
    #: Names of `posts.webhooks.names`, in the customer's order.
    events = ArrayField(models.CharField(max_length=40))
    name = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=500, blank=True)
    #: Never changed: an event has the same bytes at every attempt.
    id_form = models.CharField(
        "ids in events",
        max_length=10,
        choices=IdForm.choices,
        default=IdForm.PUBLIC,
        db_default="public",
    )
    #: Nothing is sent while it is off. What happened meanwhile is sent by `recover`.
    is_active = models.BooleanField(default=True)
    #: Failed attempts since the last success.
    consecutive_failures = models.PositiveIntegerField(default=0)
    #: When it was switched off because it failed for too long or answered 410.
    auto_disabled_at = models.DateTimeField(null=True, blank=True)
    last_delivery_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    #: Encrypted by `posts.webhooks.secrets`. The previous one also signs until its time.
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When the customer last changed it; deliveries leave it alone.
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # The operators' board, and the count of those that were switched off.
            models.Index(
                fields=["-auto_disabled_at"],
                condition=models.Q(auto_disabled_at__isnull=False),
                name="webhook_disabled",
            ),
            # Those that fail, for the overview. One that does not fail stays out of it, and its
            # updates stay HOT.
            models.Index(
                fields=["id"],
                condition=models.Q(is_active=True, consecutive_failures__gt=0),
                name="webhook_failing",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)
