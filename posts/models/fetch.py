import uuid

from django.db import models


class Fetch(models.Model):
    """A file that is still to be fetched from its address; gone once that is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    media = models.OneToOneField("posts.Media", models.CASCADE, related_name="fetch")
    url = models.TextField()
    #: Who is fetching it.
    claim = models.UUIDField(null=True, blank=True)
    #: When it may be taken up: at once, after a pause, or when whoever has it counts as lost.
    due_at = models.DateTimeField(db_index=True)
    #: How often its fetching began.
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "fetches"

    def __str__(self) -> str:
        return str(self.media_id)
