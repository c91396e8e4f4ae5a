from django.db import models

from destinations.wording import quoted
from platforms.registry import ADAPTERS


class Outage(models.Model):
    """A network that gives no usable answer, to anyone or to one account. Ended ones are history.

    While it lasts, what has not begun waits as in a pause, and single posts probe the network.
    """

    class Scope(models.TextChoices):
        NETWORK = "network", "a network"
        ACCOUNT = "account", "an account"

    scope = models.CharField(max_length=12, choices=Scope.choices)
    #: The network's key, or the account's number.
    target = models.CharField(max_length=40)
    platform = models.CharField(max_length=20)
    #: What people call the target.
    name = models.CharField(max_length=300)
    #: The error of the last try.
    error = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    #: The destination that may begin nevertheless, and its account.
    probe = models.UUIDField(null=True, blank=True)
    probe_account = models.BigIntegerField(null=True, blank=True)
    #: When the next probe may begin.
    probe_at = models.DateTimeField()
    probes = models.PositiveIntegerField(default=0)
    #: How many probes in a row were answered.
    answered = models.PositiveSmallIntegerField(default=0)
    #: How long the oldest post has waited for its end; not stored, and only `config.status` asks.
    waiting_seconds: float = 0

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "target"],
                condition=models.Q(closed_at__isnull=True),
                name="outage_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["closed_at"], name="outage_closed")]

    def __str__(self) -> str:
        return f"outage of {self.key}"

    @property
    def marked_name(self) -> str:
        """Return what is down, marked where a customer named it."""
        return self.name if self.scope == self.Scope.NETWORK else quoted(self.name)

    @property
    def key(self) -> str:
        """Return the scope and its target in one, as `dispatch.holds` compares them."""
        return f"{self.scope}:{self.target}"

    @property
    def is_of_own_server(self) -> bool:
        """Return whether it is of one account, on a network of many servers."""
        return self.scope == self.Scope.ACCOUNT and not ADAPTERS[self.platform].has_one_server


class UnansweredTry(models.Model):
    """A try that got no usable answer from its network, of the last minutes (`state.breaker`)."""

    platform = models.CharField(max_length=20)
    account_number = models.BigIntegerField()
    workspace_id = models.UUIDField()
    destination_id = models.UUIDField()
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField()
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=40)
    #: Whether the network could not be reached, which is no post's fault.
    is_unreachable = models.BooleanField()
    #: Whether it fell into a known outage. Then it proves no other one.
    in_outage = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            # A commit whose acknowledgement is lost is repeated, and is one try.
            models.UniqueConstraint(
                fields=["destination_id", "attempt"], name="unanswered_try_once"
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "at"], name="unanswered_try_of_network"),
            models.Index(fields=["account_number", "at"], name="unanswered_try_of_account"),
        ]

    def __str__(self) -> str:
        return f"unanswered try on {self.platform}"
