import uuid

from django.db import models


class Workspace(models.Model):
    """The tenant: owns keys, accounts, media, posts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
