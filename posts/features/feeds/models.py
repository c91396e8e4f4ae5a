import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

TEMPLATE = "{title}\n\n{link}"


class Feed(models.Model):
    """An RSS or Atom feed whose new items become posts."""

    class Mode(models.TextChoices):
        #: A draft for each item.
        DRAFT = "draft"
        #: A post that is published `publish_delay_minutes` after the item was found.
        SCHEDULE = "schedule"
        #: A post after a delay, or at once without one.
        PUBLISH = "publish"
        #: A post in the workspace's default posting queue.
        QUEUE = "queue"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="feeds")
    name = models.CharField(max_length=100)
    #: The URL as it was given: of a feed, or of a page that names its feed.
    url = models.TextField()
    #: Of the feed that the page at `url` names; blank until that was read, or if it is one itself.
    source_url = models.TextField(blank=True)
    account_ids = ArrayField(models.BigIntegerField())
    mode = models.CharField(max_length=10, choices=Mode.choices)
    template = models.TextField(default=TEMPLATE)
    #: An item is posted if it has one of these words, or there are none here,
    include_words = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    #: and none of these.
    exclude_words = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    publish_delay_minutes = models.PositiveIntegerField(default=0)
    require_approval = models.BooleanField(default=False)
    campaign = models.ForeignKey("posts.Campaign", models.SET_NULL, null=True, blank=True)
    enabled = models.BooleanField(default=True)

    #: When it is read next; also the lease of who reads it now.
    due_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    #: Null: the items of its next reading are its backlog, which is not posted.
    baseline_at = models.DateTimeField(null=True, blank=True)
    #: Of the last document, for a conditional request.
    etag = models.TextField(blank=True)
    last_modified = models.TextField(blank=True)
    #: Readings in a row that failed, and why the last one did.
    consecutive_errors = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(enabled=True), name="feed_due"),
        ]

    def __str__(self) -> str:
        return self.name


class FeedItem(models.Model):
    """An item of a feed, kept as long as the feed has it, so that it is posted once."""

    class State(models.TextChoices):
        #: It was there before the feed was first read.
        BACKLOG = "backlog"
        #: Its words exclude it.
        FILTERED = "filtered"
        #: Its post is made next, once its image is here, or once what refused it has passed.
        WAITING = "waiting"
        POSTED = "posted"
        #: The post was refused for good.
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    feed = models.ForeignKey(Feed, models.CASCADE, related_name="items", db_index=False)
    #: SHA-256 of its guid, or of its link without one.
    identity = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10, choices=State.choices)
    title = models.TextField(blank=True)
    link = models.TextField(blank=True)
    #: The values for the template; only while the item waits.
    values = models.JSONField(default=dict, blank=True)
    #: Its image, as a file of the workspace; its post, which may have been deleted since.
    media_id = models.UUIDField(null=True, blank=True)
    post_id = models.UUIDField(null=True, blank=True)
    #: Why there is no post, or none yet.
    problem = models.TextField(blank=True)
    #: When it is looked at next, while it waits.
    due_at = models.DateTimeField()
    #: When the feed last had it; exact to a day.
    seen_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "identity"], name="feed_item_once"),
        ]
        indexes = [
            models.Index(fields=["feed", "-id"], name="feed_item_newest"),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="waiting"),
                name="feed_item_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.link
