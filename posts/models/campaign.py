from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

DEFAULT_COLOR = "#3b82f6"


class Campaign(models.Model):
    """A name under which a workspace collects posts.

    Deleting one only sets `deleted_at`, however many posts it has: from then on they are in no
    campaign, and `deleted_campaigns` makes their columns say so, some at a time.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        #: Its posts stay; it takes no more.
        ARCHIVED = "archived"

    #: Never used again: PostgreSQL's sequence only goes up.
    id = models.BigAutoField(primary_key=True)
    #: `campaign_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="campaigns", db_index=False
    )
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    #: `#rrggbb`, in lower case.
    color = models.CharField(max_length=7, default=DEFAULT_COLOR)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="campaign_newest"),
            models.Index(
                fields=["id"],
                condition=models.Q(deleted_at__isnull=False),
                name="campaign_deleted",
            ),
            # Matches the SQL of a case-insensitive search.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="campaign_name"),
        ]

    def __str__(self) -> str:
        return self.name
