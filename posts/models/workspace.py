import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

#: Four weeks.
MOST_MINUTES = 4 * 7 * 24 * 60


class Workspace(models.Model):
    """The tenant: owns keys, accounts, media, posts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    #: Its scheduled posts are not published by themselves if they are later than that.
    missed_after_minutes = models.PositiveIntegerField(
        "not after so many minutes",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="A scheduled post that could not be begun for so long fails as missed_schedule "
        "and waits for a retry. Blank: it is published however late.",
    )
    #: How much its files may take; null: as the setting says, 0: without a limit.
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
        help_text="Place, device, time and names that pictures and videos carry. Unless this is "
        "set, they are left out of what networks get and of what links show; the files as they "
        "were sent are kept. It holds for posts that are composed or changed from then on.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
