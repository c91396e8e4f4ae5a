import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ApiKey(models.Model):
    """A key of a workspace's program. Only its hash is kept: the key itself is shown once."""

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"
        AI = "ai"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    #: The beginning of the key, enough to recognise it by: `pe_live_4f3c`.
    prefix = models.CharField(max_length=16)
    #: SHA-256 of the whole key, hex. 128 random bits need no slow hash.
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
