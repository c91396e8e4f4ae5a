"""The networks' numbers of published posts and of accounts."""

from django.db import models

from platforms.metrics import NAMES
from posts.models.indexes import where_set


def _number() -> models.BigIntegerField:
    """Null: the network gives no such number."""
    return models.BigIntegerField(null=True, blank=True)


class Counts(models.Model):
    """The numbers of `platforms.metrics.Metrics`."""

    views = _number()
    likes = _number()
    comments = _number()
    shares = _number()
    impressions = _number()
    clicks = _number()

    class Meta:
        abstract = True

    def given(self) -> dict[str, int]:
        """Return the numbers that the network gives."""
        found = {name: getattr(self, name) for name in NAMES}
        return {name: number for name, number in found.items() if number is not None}


class Engagement(Counts):
    """The latest numbers of one published destination, and when they are read next."""

    destination = models.OneToOneField(
        "destinations.Destination", models.CASCADE, primary_key=True, related_name="engagement"
    )
    #: The account's number, also after the account is gone.
    account_number = models.BigIntegerField()
    workspace_id = models.UUIDField()
    platform = models.CharField(max_length=20)
    platform_post_id = models.CharField(max_length=500)
    #: When the post was created: summaries are about posts of a time.
    post_created_at = models.DateTimeField()
    published_at = models.DateTimeField()
    #: When the numbers were read; null: not yet.
    read_at = models.DateTimeField(null=True, blank=True)
    #: When they are read next; null: never again.
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            where_set("due_at", "account_number", "due_at", name="engagement_due"),
            where_set("read_at", "workspace_id", "post_created_at", name="engagement_of_time"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.platform_post_id}"


class EngagementReading(Counts):
    """The numbers of a destination at one moment. Never changed."""

    #: `reading_of_destination` serves as its index.
    destination = models.ForeignKey(
        "destinations.Destination", models.CASCADE, related_name="readings", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["destination", "at"], name="reading_of_destination")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class EngagementTally(models.Model):
    """Numbers to add up: the latest ones of destinations whose posts were created within an hour.

    A reading adds a row with what grew, and a trigger one with less for each `Engagement` that is
    deleted. Nothing is updated, so no process waits for a lock. Later, rows are added up into one,
    which is whole.
    """

    workspace_id = models.UUIDField()
    hour = models.DateTimeField()
    platform = models.CharField(max_length=20)
    is_whole = models.BooleanField(default=False)
    views = models.BigIntegerField(default=0)
    likes = models.BigIntegerField(default=0)
    comments = models.BigIntegerField(default=0)
    shares = models.BigIntegerField(default=0)
    impressions = models.BigIntegerField(default=0)
    clicks = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["workspace_id", "hour"], name="engagement_tally_of_time"),
            models.Index(
                fields=["id"], condition=models.Q(is_whole=False), name="engagement_tally_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.hour:%Y-%m-%d %H}h"


class AccountEngagement(models.Model):
    """The clock of an account's readings: it is due, is claimed, and is due again.

    One row per account is claimed, so that its calls stay within its budget in all processes.
    """

    account = models.OneToOneField(
        "destinations.Account", models.CASCADE, primary_key=True, related_name="engagement"
    )
    #: When it is read next; null: there is nothing to read.
    due_at = models.DateTimeField(null=True, blank=True)
    #: Not before this, even if posts are due: the budget, or the network's own limit.
    not_before = models.DateTimeField(null=True, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    followers_read_at = models.DateTimeField(null=True, blank=True)
    #: Why the last call failed, as a stable code; blank: it did not.
    problem = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [where_set("due_at", name="account_engagement_due")]

    def __str__(self) -> str:
        return f"account {self.account_id}"


class FollowersReading(models.Model):
    """The number of an account's followers at one moment. Never changed."""

    #: `followers_of_account` serves as its index.
    account = models.ForeignKey(
        "destinations.Account", models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    followers = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="followers_of_account")]

    def __str__(self) -> str:
        return f"{self.followers} at {self.at:%Y-%m-%d %H:%M}"


class EngagementProgress(models.Model):
    """One row: up to which event published destinations are known."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    event_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="engagement_progress_one_row")
        ]

    def __str__(self) -> str:
        return f"events up to {self.event_id}"
