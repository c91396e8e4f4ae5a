from typing import Self

from django.db import models

from destinations.models import Account
from posts.models import Workspace


class Erasure(models.Model):
    """An erasure of a workspace or an account: the record that stays of it, without a name.

    While one is open, the periodic task goes on with it, so a crash loses nothing.
    """

    class Scope(models.TextChoices):
        WORKSPACE = "workspace", "a workspace"
        ACCOUNT = "account", "an account"

    scope = models.CharField(max_length=10, choices=Scope.choices)
    #: The workspace's id or the account's number. No foreign key: this outlives them.
    target = models.CharField(max_length=40)
    #: Of an account: its workspace. Null for a workspace.
    workspace_of = models.UUIDField(null=True, blank=True)
    asked_at = models.DateTimeField()
    #: `operator:ada`, `operator:command`.
    asked_by = models.CharField(max_length=200)
    #: What it waits for; blank: nothing.
    waits_for = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "target"],
                condition=models.Q(ended_at__isnull=True),
                name="erasure_once_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["ended_at"], name="erasure_ended")]
        default_permissions = ("view", "add")

    def __str__(self) -> str:
        return f"{self.scope} {self.target}"

    @classmethod
    def of(cls, target: Workspace | Account) -> Self:
        """Return one that is not stored yet."""
        if isinstance(target, Account):
            scope, workspace = cls.Scope.ACCOUNT, target.workspace_id
            return cls(scope=scope, target=str(target.pk), workspace_of=workspace)
        return cls(scope=cls.Scope.WORKSPACE, target=str(target.pk))
