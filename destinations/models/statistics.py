from django.contrib.postgres.fields import ArrayField
from django.db import models


class OutcomeCount(models.Model):
    """A count of one kind of event on a network, within a minute or ever.

    `statistics.counting` and `statistics.refreshes` write it; nothing else does.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published"
        #: Final: nothing more happens by itself.
        FAILED = "failed"
        #: Failed, and another try waits.
        RETRIED = "retried"
        #: The post may be public, and the network is asked.
        UNCONFIRMED = "unconfirmed"
        #: A lookup ended; the code is its result.
        LOOKED_UP = "looked_up"
        #: An account's tokens were refreshed, or not; then the code says why.
        REFRESHED = "refreshed"
        NOT_REFRESHED = "not_refreshed"

    #: The minute's first moment; null: since the first destination.
    minute = models.DateTimeField(null=True, blank=True)
    platform = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    #: The error's code; blank if there is none.
    code = models.CharField(max_length=60, blank=True)
    count = models.BigIntegerField()
    #: They differ if more than one account was concerned.
    lowest_account = models.BigIntegerField(default=0)
    highest_account = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "platform", "kind", "code"],
                nulls_distinct=False,
                name="outcome_count_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.kind} on {self.platform}"


class DurationHistogram(models.Model):
    """A histogram of durations on a network, within a minute or ever."""

    class Measure(models.TextChoices):
        #: From `wanted_at` to the start of a try.
        LAG = "lag"
        #: From the start of a try to its success.
        PUBLISH = "publish"

    #: The minute's first moment; null: since the first destination.
    minute = models.DateTimeField(null=True, blank=True)
    platform = models.CharField(max_length=20)
    measure = models.CharField(max_length=10, choices=Measure.choices)
    #: One per interval of `statistics.histogram.BOUNDS`, and one for what lasted longer.
    counts = ArrayField(models.BigIntegerField())
    #: The sum of all durations.
    seconds = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "platform", "measure"],
                nulls_distinct=False,
                name="duration_histogram_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} on {self.platform}"


class StatisticsProgress(models.Model):
    """One row: which events are counted."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    #: Events up to this id are counted.
    event_id = models.BigIntegerField(default=0)
    #: Events committed before then are counted; null: not yet caught up.
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="statistics_progress_one_row")
        ]

    def __str__(self) -> str:
        return f"events up to {self.event_id}"
