from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class Account(models.Model):
    """One connected profile on one platform, with encrypted credentials."""

    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="accounts")
    platform = models.CharField(max_length=20)
    #: The network's own id of the profile.
    platform_account_id = models.CharField(max_length=200)
    #: The name customers see: `@acme`, `Acme Inc.`
    name = models.CharField(max_length=200)
    username = models.CharField(max_length=200, blank=True)
    #: The name the network shows beside the handle; may be blank.
    display_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    avatar_url = models.URLField(max_length=1000, blank=True)
    #: JSON of token, refresh_token, extra and the previous pair; encrypted (`accounts.encryption`).
    credentials = models.TextField()
    #: The platform's login that connected it; blank: the default one.
    login = models.CharField(max_length=20, blank=True)
    #: The granted scopes, as the network names them; empty if unknown.
    scopes = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    token_refreshed_at = models.DateTimeField(null=True, blank=True)
    #: Whether tokens can be refreshed without the owner, and until when, if the network says.
    is_refreshable = models.BooleanField(default=False)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    #: The claim of the refresh in progress, and its end. Without a claim only the periodic refresh
    #: waits for `refresh_until`: a publish that needs new tokens does not.
    refresh_claim = models.UUIDField(null=True, blank=True)
    refresh_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    #: Set when the network proves that the authorization ended; cleared by reconnecting.
    needs_reconnection_since = models.DateTimeField(null=True, blank=True)
    #: Rate limited until then; none of its destinations is claimed.
    held_until = models.DateTimeField(null=True, blank=True)
    #: When its last late post began, and when that was wanted (`pauses.spacing`).
    late_began_at = models.DateTimeField(null=True, blank=True)
    late_wanted_at = models.DateTimeField(null=True, blank=True)
    #: A post of it got no answer, and until the network was asked, none of the others begins.
    doubt_until = models.DateTimeField(null=True, blank=True)
    #: When a post of it last probed a network that was down.
    probed_at = models.DateTimeField(null=True, blank=True)
    #: When its owner last consented.
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
            # Few among all accounts: rate limited ones, and those that lost their authorization.
            models.Index(
                fields=["platform", "held_until"],
                condition=models.Q(held_until__isnull=False),
                name="account_held",
            ),
            models.Index(
                fields=["platform", "needs_reconnection_since"],
                condition=models.Q(needs_reconnection_since__isnull=False),
                name="account_to_reconnect",
            ),
            # All workspaces that connected the same profile.
            models.Index(fields=["platform", "platform_account_id"], name="account_of_network"),
            # Matches the SQL of a case-insensitive search, in each of them.
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("username"), name="gin_trgm_ops"),
                OpClass(Upper("display_name"), name="gin_trgm_ops"),
                name="account_names",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.platform}"

    @property
    def can_post(self) -> bool:
        return self.is_active and self.needs_reconnection_since is None


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
