import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

#: Of a hashtag, without its sign.
MOST_CHARS = 100


class HashtagSet(models.Model):
    """Hashtags under a name, which posts take together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `hashtag_set_once` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="hashtag_sets", db_index=False
    )
    name = models.CharField(max_length=100)
    #: Without their signs, in their order.
    hashtags = ArrayField(models.CharField(max_length=MOST_CHARS))
    #: Networks that get them; null: all.
    platforms = ArrayField(models.CharField(max_length=20), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="hashtag_set_once"),
        ]
        # The operators' list, of all workspaces.
        indexes = [models.Index(fields=["created_at"], name="hashtag_set_created")]

    def __str__(self) -> str:
        return self.name
