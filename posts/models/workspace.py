import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

#: Four weeks.
MOST_MINUTES = 4 * 7 * 24 * 60


class Workspace(models.Model):
    """A tenant. It owns API keys, accounts, media and posts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    #: Scheduled posts that are later than this are not published automatically.
    missed_after_minutes = models.PositiveIntegerField(
        "latest start, in minutes after the scheduled time",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="A scheduled post that could not be started within this time fails as "
        "missed_schedule and waits for a manual retry. Blank: it is published however late.",
    )
    #: The bytes that its files may take; null: STORAGE_QUOTA_BYTES applies, 0: no limit.
    storage_quota_bytes = models.PositiveBigIntegerField(
        "storage quota",
        null=True,
        blank=True,
        help_text="In bytes. Empty: STORAGE_QUOTA_BYTES applies. 0: no limit.",
    )
    keep_metadata = models.BooleanField(
        "publish files with their metadata",
        default=False,
        db_default=False,
        help_text="Metadata is place, device, time and names in images and videos. Unless this is "
        "set, networks and links get copies without it; the original files are kept. Applies to "
        "posts that are created or changed from now on.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
