import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from destinations.models.conditions import has
from posts.models.indexes import where_set


class Webhook(models.Model):
    """An address of a customer that is told what happens in a workspace."""

    class IdForm(models.TextChoices):
        """The form of the ids of posts and destinations in a webhook's events."""

        PUBLIC = "public", "post_…, dest_…"
        UUID = "uuid", "UUIDs"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="webhooks")
    #: Byte for byte as it was sent: clients find their own by comparing it.
    url = models.TextField()
    #: Names of events, in the customer's order.
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
    #: Encrypted (`delivery.signatures`). The previous one also signs until its time.
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When the customer last changed it; deliveries leave it alone.
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # The operators' board, and the count of those that were switched off.
            where_set("auto_disabled_at", "-auto_disabled_at", name="webhook_disabled"),
            # Failing webhooks, for the overview. One that does not fail stays out of it, and its
            # updates stay HOT.
            models.Index(
                fields=["id"],
                condition=models.Q(is_active=True, consecutive_failures__gt=0),
                name="webhook_failing",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)


class WebhookDelivery(models.Model):
    """One event for one webhook. As with destinations, `due_at` is the only clock.

    Neither reference has a constraint. Else deleting a webhook would wait for what is on its way to
    it, and writing an event for the end of a long deletion. Rows of a deleted webhook are as good
    as gone: they are never sent, and cleaned up in bounded steps.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        SUCCESS = "success"
        #: Nothing more happens by itself; it may be sent again.
        FAILED = "failed"

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    event = models.ForeignKey(
        "posts.WebhookEvent", models.DO_NOTHING, related_name="deliveries", db_constraint=False
    )
    #: `webhook_delivery_once` serves as its index.
    webhook = models.ForeignKey(
        "posts.Webhook",
        models.DO_NOTHING,
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.WAITING, db_default="waiting"
    )
    #: When a worker must next look at it: to send it, or because the lease of one has ended. Null:
    #: nothing to do.
    due_at = models.DateTimeField(null=True, blank=True)
    #: Identifies the worker's run that sends it; null: it is not being sent.
    claim = models.UUIDField(null=True, blank=True)
    #: All attempts that have ended.
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    #: Attempts of this round; sending it again begins a new one.
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    #: When the next attempt was planned for; null unless one waits after a failure.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            # Also the order of a webhook's list: newest event first.
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_delivery_once"),
        ]
        indexes = [
            # The operators' list, of all webhooks, and nothing else.
            models.Index(
                fields=["created_at"],
                condition=models.Q(has("created_at")),
                name="webhook_delivery_listed",
            ),
            where_set("due_at", "webhook", "due_at", name="webhook_delivery_due"),
            # Deliveries that have waited longest, for the metrics.
            where_set("due_at", "created_at", name="webhook_delivery_waiting"),
            # At most eight rows per webhook.
            where_set("claim", "webhook", name="webhook_delivery_in_flight"),
            models.Index(fields=["webhook", "status", "event"], name="webhook_delivery_status"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class WebhookAttempt(models.Model):
    """One request to a webhook and its answer: the log that customers see. Append-only."""

    delivery = models.ForeignKey(
        "posts.WebhookDelivery", models.DO_NOTHING, related_name="log", db_constraint=False
    )
    #: Counts from 1, over all rounds of the delivery.
    attempt_number = models.PositiveIntegerField()
    #: `waiting`: it failed, and another attempt follows at `next_attempt_at`.
    status = models.CharField(max_length=10, choices=WebhookDelivery.Status.choices)
    #: Where it went: the webhook may have another address now.
    url = models.TextField()
    request_headers = models.JSONField()
    #: Null: no answer.
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    #: Its beginning.
    response_body = models.TextField(blank=True)
    #: Why it failed; empty after a success.
    error = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField()
    attempted_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.attempt_number}"


class WebhookTotal(models.Model):
    """The number of attempts with this outcome, since the beginning; for Prometheus."""

    outcome = models.CharField(max_length=20, primary_key=True)
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.outcome}: {self.count}"


class WebhookEvent(models.Model):
    """Something that happened, written by the transaction that made it happen: the outbox.

    Only where the workspace has a webhook. `delivery.engine.fan_out` then makes its deliveries,
    once. It is kept for some days.
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
    #: The body, or its source for `delivery.envelope.in_form`; empty until the event
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
            # The deliveries that `recover` reads.
            models.Index(fields=["workspace", "created_at"], name="webhook_event_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"
