from django.db import models


class Heartbeat(models.Model):
    """One row: how many ticks ran on this database, and its identity."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    count = models.BigIntegerField(default=0)
    #: `dispatch.heartbeat.identity`; blank until the first tick.
    database = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="heartbeat_one_row")]

    def __str__(self) -> str:
        return f"{self.count} ticks on {self.database}"
