from django.db import models


class Attempt(models.Model):
    """One try to publish a destination. Written before the irreversible call, closed once.

    `sent_at` without `answered_at`: the network may have accepted a post that we have no record of.
    """

    #: `attempt_once` serves as its index.
    destination = models.ForeignKey(
        "destinations.Destination", models.CASCADE, related_name="attempt_rows", db_index=False
    )
    number = models.PositiveIntegerField()
    #: When it should have started; `started_at - wanted_at` is the lag.
    wanted_at = models.DateTimeField()
    started_at = models.DateTimeField()
    #: When the irreversible request was about to be sent.
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    #: The end of the lease that a takeover took from a call that carries files (`state.takeover`).
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    #: `published`, or the code of the error that ended it; blank while it runs.
    outcome = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    platform_code = models.CharField(max_length=100, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    #: The network's request id, for its support.
    platform_request_id = models.CharField(max_length=200, blank=True)
    #: The network's raw answer, redacted.
    response = models.TextField(blank=True)
    #: No error table knows this answer.
    unmapped = models.BooleanField(default=False)
    worker = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["destination", "number"], name="attempt_once"),
        ]
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=models.Q(unmapped=True),
                name="attempt_unmapped",
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"


class Event(models.Model):
    """One move of a destination: what, when, by whom and why. Never changed."""

    #: `event_of_destination` serves as its index.
    destination = models.ForeignKey(
        "destinations.Destination", models.CASCADE, related_name="events", db_index=False
    )
    at = models.DateTimeField()
    move = models.CharField(max_length=40)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    #: `worker:…`, `key:pe_live_4f3c`, `operator:ada`, `beat`.
    by = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(null=True, blank=True)
    #: The API request that caused it, if any.
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["destination", "id"], name="event_of_destination"),
            # The events of an API request. Here rather than on the destination: an event is
            # written once, while every claim would write a destination's entry again.
            models.Index(
                fields=["request_id"],
                condition=~models.Q(request_id=""),
                name="event_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.move} → {self.to_status}"
