from django.contrib.postgres.fields import ArrayField
from django.db import models


class Account(models.Model):
    """One connected profile on one platform, with encrypted credentials."""

    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="accounts")
    platform = models.CharField(max_length=20)
    #: The network's own id of the profile.
    platform_account_id = models.CharField(max_length=200)
    #: As customers see it: `@acme`, `Acme Inc.`
    name = models.CharField(max_length=200)
    username = models.CharField(max_length=200, blank=True)
    #: As the network shows it beside the handle; blank of accounts connected before it was kept.
    display_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    avatar_url = models.URLField(max_length=1000, blank=True)
    #: JSON of token, refresh_token, extra and the previous pair, encrypted by `vault`.
    credentials = models.TextField()
    #: Which of the platform's logins it was connected by; blank: the usual one.
    login = models.CharField(max_length=20, blank=True)
    #: What was granted, in the network's words; empty where that is not known.
    scopes = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    token_refreshed_at = models.DateTimeField(null=True, blank=True)
    #: Whether new tokens are had without its owner, and until when, if the network says.
    is_refreshable = models.BooleanField(default=False)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    #: Who is refreshing the tokens right now, and until when nobody else may. Without a claim
    #: only the clock waits: a publish that needs new tokens does not.
    refresh_claim = models.UUIDField(null=True, blank=True)
    refresh_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    #: Set when the network proves that the authorization is gone; cleared by reconnecting.
    needs_reconnection_since = models.DateTimeField(null=True, blank=True)
    #: Rate limited until then: none of its destinations is claimed.
    held_until = models.DateTimeField(null=True, blank=True)
    #: When its owner last gave consent.
    connected_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "platform", "platform_account_id"],
                name="account_once_per_workspace",
            )
        ]
        indexes = [
            models.Index(
                fields=["platform", "token_expires_at"],
                condition=models.Q(is_refreshable=True),
                name="account_to_refresh",
            ),
            # Every workspace that has connected the same profile.
            models.Index(fields=["platform", "platform_account_id"], name="account_of_network"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.platform}"

    @property
    def can_post(self) -> bool:
        return self.is_active and self.needs_reconnection_since is None
