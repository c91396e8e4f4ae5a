import uuid
from functools import cached_property

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from destinations.access import Reach
from destinations.runtime import clock
from posts import rate_windows


def check_limits(text: str) -> None:
    """Raises ValidationError unless the text is a valid list of limits."""
    try:
        rate_windows.parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class ApiKey(models.Model):
    """An API key of a workspace. Only its hash is stored; the secret is shown once."""

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"
        AI = "ai"
        APPROVE = "approve"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    #: The start of the secret, to recognise the key by: `pe_live_4f3c`.
    prefix = models.CharField(max_length=16)
    #: SHA-256 of the secret, hex. 128 random bits need no slow hash.
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    #: Whether the key may use only `accounts`. Stored beside the list, because a key whose last
    #: account is deleted must not gain access to all of them.
    is_restricted = models.BooleanField(default=False)
    accounts = models.ManyToManyField("destinations.Account", blank=True, related_name="+")
    #: Its own limits, such as `600/min,10000/day` or `none`; blank: the installation's.
    request_limits = models.CharField(max_length=200, blank=True, validators=[check_limits])
    post_limits = models.CharField(max_length=200, blank=True, validators=[check_limits])
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    #: The key that replaces it after a rotation; both work until this one expires.
    replaced_by = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces"
    )

    class Meta:
        indexes = [
            models.Index(fields=["prefix"], opclasses=["varchar_pattern_ops"], name="key_prefix"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_active(self) -> bool:
        return self.state == "Active"

    @property
    def state(self) -> str:
        """Active, Expired or Revoked."""
        if self.revoked_at:
            return "Revoked"
        is_past = self.expires_at is not None and self.expires_at <= clock.now()
        return "Expired" if is_past else "Active"

    @cached_property
    def reach(self) -> Reach:
        """Return what it may see and use."""
        if not self.is_restricted:
            return Reach(self.workspace_id)
        return Reach(self.workspace_id, frozenset(self.accounts.values_list("pk", flat=True)))

    def own_limits(self, bucket: str) -> str:
        """Its own limits for a bucket of `rate_limits`; blank if it has none."""
        return {"requests": self.request_limits, "posts": self.post_limits}.get(bucket, "")


class DeviceLogin(models.Model):
    """A program without a key that asks for one, and what an operator said to it.

    Its two codes are stored as hashes. The key is made when the program fetches it; until then only
    what it may do is stored.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        AUTHORIZED = "authorized"
        DENIED = "denied"
        #: The program has its key.
        USED = "used"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    #: SHA-256, hex, of the device code: 256 random bits.
    device_hash = models.CharField(max_length=64, unique=True)
    #: HMAC-SHA-256, hex, with SECRET_KEY: a code of eight letters could be guessed from its hash.
    user_code_hash = models.CharField(max_length=64, unique=True)
    #: What the program calls itself: anything, from any caller.
    client_name = models.CharField(max_length=100)
    #: The network it asked from.
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True, blank=True)

    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What was granted
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    scopes = ArrayField(
        models.CharField(max_length=10, choices=ApiKey.Scope.choices), default=list, blank=True
    )
    #: Numbers of the only accounts that the key may use; empty: all of the workspace.
    account_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    key_expires_at = models.DateTimeField(null=True, blank=True)
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"login of {self.client_name}"


class IdempotencyRecord(models.Model):
    """The recorded answer to a request, replayed when the request is sent again."""

    api_key = models.ForeignKey("posts.ApiKey", models.CASCADE, related_name="+")
    #: The caller's name for the request.
    idempotency_key = models.CharField(max_length=255)
    #: SHA-256 of method, address and body, hex.
    fingerprint = models.CharField(max_length=64)
    #: Encrypted: an answer may hold a link that lets its reader connect an account.
    answer = models.TextField()
    #: The request that was answered first.
    request_id = models.CharField(max_length=40)
    #: From then on the same key names a new request.
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "posts_keptanswer"
        constraints = [
            models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="answer_kept_once"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="answer_expires")]

    def __str__(self) -> str:
        return f"answer to {self.request_id}"
