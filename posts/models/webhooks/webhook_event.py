import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class WebhookEvent(models.Model):
    """Something that happened, written by the transaction that made it happen: the outbox.

    Only where the workspace has a webhook. `posts.webhooks.delivery.fan_out` then makes its
    deliveries, once. It is kept for some days.
    """

    #: The id that receivers see, the same at every attempt.
    event_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    #: No constraint: the statement that publishes a post must lock no workspace.
    workspace = models.ForeignKey(
        "posts.Workspace",
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    event = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())
    #: JSON text, with plain UUIDs; `body` has it in the form that customers see.
    data = models.TextField()
    #: What is sent, or what that follows from (`delivery.envelope.in_form`); empty until the event
    #: is fanned out.
    body = models.TextField(blank=True, default="", db_default="")
    #: When its deliveries were made.
    fanned_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # By a column that no other index begins with: with stale statistics the planner would
            # read the primary key, and all events that were fanned out long ago.
            models.Index(
                fields=["created_at"],
                condition=models.Q(fanned_out_at__isnull=True),
                name="webhook_event_new",
            ),
            # What `recover` reads.
            models.Index(fields=["workspace", "created_at"], name="webhook_event_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"
