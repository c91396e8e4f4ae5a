from django.contrib.postgres.fields import ArrayField
from django.db import models


class Connection(models.Model):
    """A link to connect an account, and the progress of its flow.

    It cannot be posted to. Its secrets are stored as hashes, or encrypted by `accounts.encryption`.
    """

    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="+")
    platform = models.CharField(max_length=20)
    #: The platform's login; it also names the app.
    login = models.CharField(max_length=20)
    #: The account to reconnect; null: any that the person logs in as.
    account = models.ForeignKey(
        "destinations.Account", models.CASCADE, null=True, blank=True, related_name="+"
    )
    #: Who asked for the link: `key:pe_live_4f3c`, `operator:ada`.
    by = models.CharField(max_length=200)
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When the next step must be taken; each step extends it.
    expires_at = models.DateTimeField()

    #: SHA-256, hex, of the link's token, the OAuth state and the browser's cookie.
    link_hash = models.CharField(max_length=64, unique=True)
    state_hash = models.CharField(max_length=64, blank=True)
    browser_hash = models.CharField(max_length=64, blank=True)
    #: The PKCE verifier, sealed.
    verifier = models.TextField(blank=True)
    #: When the network sent the browser back; each state works once.
    returned_at = models.DateTimeField(null=True, blank=True)
    #: When its owner refused, at the network or here; null again once the login begins anew.
    cancelled_at = models.DateTimeField(null=True, blank=True)
    #: The profiles to choose from, with their tokens, sealed; blank before and after the choice.
    found = models.TextField(blank=True)
    #: When accounts were saved, and which; the link cannot be used again.
    used_at = models.DateTimeField(null=True, blank=True)
    connected = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state_hash"],
                condition=~models.Q(state_hash=""),
                name="connection_state",
            ),
            models.Index(fields=["expires_at"], name="connection_expires"),
        ]

    def __str__(self) -> str:
        return f"connection of {self.platform} {self.pk}"
