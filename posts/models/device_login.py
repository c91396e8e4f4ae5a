import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from posts.models.api_key import ApiKey


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
