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
