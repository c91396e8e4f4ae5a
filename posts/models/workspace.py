import uuid

from django.db import models


class Workspace(models.Model):
    """The tenant: owns keys, accounts, media, posts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    #: How much its files may take; null: as the setting says, 0: without a limit.
    storage_quota_bytes = models.PositiveBigIntegerField(
        "storage quota",
        null=True,
        blank=True,
        help_text="In bytes. Empty: STORAGE_QUOTA_BYTES applies. 0: no limit.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
