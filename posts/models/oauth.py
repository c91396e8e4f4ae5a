"""Programs that operators connect by OAuth, what each was allowed, and its tokens."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from posts.models.api_key import ApiKey


class OAuthClient(models.Model):
    """A program that registered itself, as anyone may. By that alone it may do nothing."""

    class Method(models.TextChoices):
        """How it proves at the token endpoint who it is, in the words of RFC 7591."""

        NONE = "none"
        POST = "client_secret_post"
        BASIC = "client_secret_basic"

    #: Its client_id.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: What it calls itself: anything, from any caller.
    name = models.CharField(max_length=100)
    redirect_uris = ArrayField(models.CharField(max_length=2000))
    method = models.CharField(max_length=20, choices=Method.choices)
    #: SHA-256, hex, of 256 random bits; blank: it has no secret.
    secret_hash = models.CharField(max_length=64, blank=True)
    #: The network it registered from.
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField()
    #: When an operator last connected it; null: never, and it is soon deleted.
    connected_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "OAuth client"
        indexes = [models.Index(fields=["created_at"], name="oauth_client_created")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        return self.method == self.Method.NONE


class OAuthGrant(models.Model):
    """What an operator allowed a client, and the one code that the client exchanges for tokens.

    With the exchange it gets an API key, which has no secret of its own: the grant's tokens act as
    it, so scopes, accounts, limits, log and revocation are those of any key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(OAuthClient, models.CASCADE, related_name="grants")
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=10))
    #: Numbers of the only accounts that it may use; empty: all of the workspace.
    account_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    #: The resource that the client named (RFC 8707).
    resource = models.CharField(max_length=500)
    redirect_uri = models.CharField(max_length=2000)
    #: base64url of the SHA-256 of the verifier that the client must show (PKCE).
    challenge = models.CharField(max_length=43)
    #: SHA-256, hex, of 256 random bits.
    code_hash = models.CharField(max_length=64, unique=True)
    code_expires_at = models.DateTimeField()
    code_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    api_key = models.OneToOneField(
        ApiKey, models.CASCADE, null=True, blank=True, related_name="oauth_grant"
    )
    #: Why it ended before its time, in words for operators.
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "connected agent"
        indexes = [models.Index(fields=["created_at"], name="oauth_grant_created")]

    def __str__(self) -> str:
        return f"{self.client.name} for {self.workspace}"

    @property
    def state(self) -> str:
        """The state of its key, or Unfinished: its code was not exchanged."""
        return self.api_key.state if self.api_key else "Unfinished"


class OAuthTokens(models.Model):
    """An access token and the refresh token that came with it, as hashes.

    Used refresh tokens stay until they would have expired: a second use ends the grant.
    """

    grant = models.ForeignKey(OAuthGrant, models.CASCADE, related_name="tokens")
    #: SHA-256, hex, of 128 and of 256 random bits.
    access_hash = models.CharField(max_length=64, unique=True)
    access_expires_at = models.DateTimeField()
    refresh_hash = models.CharField(max_length=64, unique=True)
    refresh_expires_at = models.DateTimeField()
    #: When the refresh token was exchanged for the next pair.
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"tokens of {self.grant_id}"
