import uuid

from django.db import models


class PostingQueue(models.Model):
    """Times of the week at which a workspace publishes: a post that enters gets the next free one.

    It has nothing to do with Celery's queues: `Destination.queue` is one of those.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="posting_queues")
    name = models.CharField(max_length=100)
    #: The IANA name of the zone in which the slots are wall times.
    timezone = models.CharField(max_length=64, default="UTC")
    #: [{"day_of_week": 0 for Sunday, "time": "HH:MM"}], in their order in the week, each once.
    slots = models.JSONField()
    #: False: the destinations of its posts have no due time until it is active again.
    active = models.BooleanField(default=True)
    #: It takes posts that name no queue.
    is_default = models.BooleanField(default=False)
    #: The accounts whose posts it takes; null: all of the workspace.
    account_ids = models.JSONField(null=True, blank=True)
    max_posts_per_slot = models.PositiveSmallIntegerField(default=1)
    #: A post is published up to this many minutes after its slot, by chance.
    jitter_minutes = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_default=True),
                name="posting_queue_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name
