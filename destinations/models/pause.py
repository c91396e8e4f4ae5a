from django.db import models

from destinations.wording import quoted


class Pause(models.Model):
    """A pause: an operator has stopped work from beginning. Resumed ones stay as history.

    No foreign key: the history outlives what it is about.
    """

    class Scope(models.TextChoices):
        INSTALLATION = "installation", "the whole installation"
        NETWORK = "network", "a network"
        WORKSPACE = "workspace", "a workspace"
        ACCOUNT = "account", "an account"

    scope = models.CharField(max_length=12, choices=Scope.choices)
    #: Blank, the network's key, the workspace's id or the account's number.
    target = models.CharField(max_length=40, blank=True)
    #: The target's name at that time.
    name = models.CharField(max_length=300)
    #: For operators only.
    reason = models.TextField()
    #: A sentence that customers of the paused accounts read; may be blank.
    notice = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField()
    #: `operator:ada`, `command:root`.
    paused_by = models.CharField(max_length=200)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "target"],
                condition=models.Q(resumed_at__isnull=True),
                name="pause_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(scope="installation", target="")
                | ~models.Q(scope="installation") & ~models.Q(target=""),
                name="pause_has_its_target",
            ),
        ]
        # Claims and starts read the active ones and those that ended lately.
        indexes = [models.Index(fields=["resumed_at"], name="pause_resumed")]

    def __str__(self) -> str:
        return f"pause of {self.name}"

    @property
    def marked_name(self) -> str:
        """Return what is paused, marked where a customer named it."""
        is_ours = self.scope in (self.Scope.INSTALLATION, self.Scope.NETWORK)
        return self.name if is_ours else quoted(self.name)

    @property
    def key(self) -> str:
        """Return the scope and its target in one, as `dispatch.holds` compares them."""
        return f"{self.scope}:{self.target}"
