from django.db import models


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
            # What an API request concerned. Here rather than on the destination: an event is
            # written once, while every claim would write a destination's entry again.
            models.Index(
                fields=["request_id"],
                condition=~models.Q(request_id=""),
                name="event_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.move} → {self.to_status}"
