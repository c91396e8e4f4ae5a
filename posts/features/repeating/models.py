import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from posts.models import Written
from posts.models.indexes import where_set

#: Codes of refusals (`posts.errors`).
CODE_CHARS = 40


class Repeating(models.Model):
    """A rule that makes posts again and again, with its next look and its problem."""

    #: When something must be done next; null: never again, or not until it is changed.
    look_at = models.DateTimeField(null=True)
    #: Why the next post could not be made; blank: nothing is wrong.
    problem_code = models.CharField(max_length=CODE_CHARS, blank=True)
    problem = models.TextField(blank=True)
    problem_since = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True


class Recurrence(Written, Repeating):
    """A rule by which a post is made again and again, each time as a new post.

    Its own columns are what those posts are made from; the post that began it may be gone.
    """

    class Freq(models.TextChoices):
        DAILY = "daily"
        WEEKLY = "weekly"
        MONTHLY = "monthly"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `recurrence_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="recurrences", db_index=False
    )
    freq = models.CharField(max_length=10, choices=Freq.choices)
    interval = models.PositiveSmallIntegerField(default=1)
    #: Two letters each, Monday first; empty: the day of the first occurrence.
    by_day = ArrayField(models.CharField(max_length=2), default=list)
    #: The last date in its zone.
    until = models.DateField(null=True)
    #: How many occurrences there are, the first counted.
    count = models.PositiveIntegerField(null=True)
    #: How late an occurrence may begin; null: until the next one.
    missed_after_minutes = models.PositiveIntegerField(null=True)
    #: The IANA name of the zone whose clocks it follows.
    timezone = models.CharField(max_length=64)
    #: The first occurrence: the others have its time of day.
    first_at = models.DateTimeField()

    account_ids = ArrayField(models.BigIntegerField())
    media_ids = ArrayField(models.UUIDField(), default=list)
    #: {file id: text}
    alt_texts = models.JSONField(default=dict)
    platform_content = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    campaign_id = models.BigIntegerField(null=True)
    #: The content may be blank if each network has a text of its own.
    own_texts_do = models.BooleanField(default=False)
    #: Null: as the workspace says.
    shorten_links = models.BooleanField(null=True)
    #: A `posts.composing.extensions.text_steps.HashtagRequest` for its posts. Null: nothing.
    hashtags = models.JSONField(null=True)

    #: All occurrences up to here were made, or never will be.
    settled_until = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    paused_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at", "id"], name="recurrence_newest"),
            where_set("look_at", name="recurrence_look"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Occurrence(models.Model):
    """The claim of a rule on one of its dates. While the row exists the date is not made again."""

    #: `occurrence_once` serves as its index.
    recurrence = models.ForeignKey(
        "posts.Recurrence", models.CASCADE, related_name="occurrences", db_index=False
    )
    #: In the zone of the rule.
    date = models.DateField()
    #: When the rule has it. Its post may have been given another time since.
    at = models.DateTimeField()
    #: No foreign key: the claim outlives its post. Null: none was made.
    post_id = models.UUIDField(null=True)
    #: The post's `updated_at` as the rule left it; a scheduled post with another one was edited.
    written_at = models.DateTimeField(null=True)
    #: Why there is no post.
    missed_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recurrence", "date"], name="occurrence_once"),
            models.UniqueConstraint(fields=["post_id"], name="occurrence_of_post"),
        ]

    def __str__(self) -> str:
        return f"{self.recurrence_id} {self.date}"


class Recycling(Repeating):
    """A post that is published again from time to time, each time as a new post."""

    class GapUnit(models.TextChoices):
        WEEK = "week"
        MONTH = "month"

    #: The post. No foreign key, so that the deletion of any other post costs nothing.
    post_id = models.UUIDField(primary_key=True)
    #: `recycling_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="recyclings", db_index=False
    )
    enabled = models.BooleanField(default=True)
    gap = models.PositiveSmallIntegerField()
    gap_unit = models.CharField(max_length=5, choices=GapUnit.choices)
    #: Dates in the post's zone.
    start_date = models.DateField(null=True)
    expire_date = models.DateField(null=True)
    expire_count = models.PositiveSmallIntegerField(null=True)
    #: Texts that its turns have one after the other; empty: the post's own.
    content_variations = ArrayField(models.TextField(), default=list)
    #: How many posts were made of it.
    turns = models.PositiveIntegerField(default=0)
    #: When the next turn is published; null until the post is.
    next_at = models.DateTimeField(null=True)
    #: Why nothing is made of it any more; blank: it goes on.
    ended_because = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at", "post_id"], name="recycling_newest"),
            where_set("look_at", name="recycling_look"),
        ]

    def __str__(self) -> str:
        return str(self.post_id)


class RecycledPost(models.Model):
    """The claim of a recycled post on one of its turns."""

    #: `recycled_once` serves as its index.
    recycling = models.ForeignKey(
        "posts.Recycling", models.CASCADE, related_name="made", db_index=False
    )
    #: From 1.
    turn = models.PositiveIntegerField()
    at = models.DateTimeField()
    #: No foreign key: the claim outlives its post.
    post_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recycling", "turn"], name="recycled_once"),
            models.UniqueConstraint(fields=["post_id"], name="recycled_of_post"),
        ]

    def __str__(self) -> str:
        return f"{self.recycling_id} {self.turn}"
