import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from destinations.models.conditions import has


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
            models.Index(
                fields=["webhook", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="webhook_delivery_due",
            ),
            # What has waited longest, for the metrics.
            models.Index(
                fields=["created_at"],
                condition=models.Q(due_at__isnull=False),
                name="webhook_delivery_waiting",
            ),
            # At most eight rows per webhook.
            models.Index(
                fields=["webhook"],
                condition=models.Q(claim__isnull=False),
                name="webhook_delivery_in_flight",
            ),
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
    """How many attempts ended so, since the beginning; for Prometheus."""

    outcome = models.CharField(max_length=20, primary_key=True)
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.outcome}: {self.count}"
