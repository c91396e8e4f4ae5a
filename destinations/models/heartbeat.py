from django.db import models


class Heartbeat(models.Model):
    """One row: how many ticks ran on this database, and its identity."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    count = models.BigIntegerField(default=0)
    #: `restore_detector.identity`; blank until the first tick.
    database = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    #: When history was found to be missing, until a person has decided what goes out all the same
    #: (`pauses.after_restore`).
    restored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="heartbeat_one_row")]

    def __str__(self) -> str:
        return f"{self.count} ticks on {self.database}"


class ClaimCounter(models.Model):
    """One row: how many claims took something. Apart, because a tick may keep its row locked."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    count = models.BigIntegerField(db_default=0)
    #: Whether each commit waited for a standby when the last tick ran.
    is_synchronous = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="claim_counter_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.count} claims"


class BusyWorker(models.Model):
    """A worker process that holds claims. See `state.takeover`."""

    #: Its host, pid and a random part, as in `Attempt.worker`.
    name = models.CharField(max_length=200, primary_key=True)
    #: When it last said that it is alive, and how many ticks had run by then.
    at = models.DateTimeField()
    tick = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name
