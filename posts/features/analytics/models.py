"""The tables of analytics. `posts.features.analytics.counting` writes them; nothing else does."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CountedPost(models.Model):
    """A post's share of the tallies, as it was when it was last counted.

    Not a foreign key: it stays until its deletion has been counted, too.
    """

    post_id = models.UUIDField(primary_key=True)
    #: `counted_post_of_time` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    #: The post's.
    created_at = models.DateTimeField()
    #: 0: in no campaign.
    campaign_number = models.BigIntegerField()
    #: Its share of the tallies; see `posts.features.analytics.counting`.
    parts = ArrayField(models.TextField())
    #: The post's `updated_at` at that time.
    seen_at = models.DateTimeField()
    #: Its parts may change without the post's `updated_at`, so readers look at it.
    may_change_unseen = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "created_at"], name="counted_post_of_time"),
            models.Index(
                fields=["workspace"],
                condition=models.Q(may_change_unseen=True),
                name="counted_post_unseen",
            ),
        ]

    def __str__(self) -> str:
        return str(self.post_id)


class PostTally(models.Model):
    """The number of posts and destinations in a state: sums of CountedPosts.

    Of the whole workspace by the hour, of each campaign by the hour, and of each campaign in all.
    """

    #: `tally_once` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    #: The first moment of the hour in which the posts were created, or `counting.EVER`.
    hour = models.DateTimeField()
    #: 0: of the whole workspace.
    campaign_number = models.BigIntegerField()
    part = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "hour", "campaign_number", "part"], name="tally_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign_number", "hour"],
                condition=~models.Q(campaign_number=0),
                name="tally_of_campaign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.part} in {self.hour}"


class TallyProgress(models.Model):
    """Up to which `updated_at` the posts of a workspace are counted, but for late commits."""

    workspace = models.OneToOneField(
        "posts.Workspace", models.CASCADE, primary_key=True, related_name="+"
    )
    upto = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.workspace_id} up to {self.upto}"


class DeletedPost(models.Model):
    """A deleted post that the tallies still count. A trigger of the database writes it."""

    post_id = models.UUIDField()
    #: No constraint: the workspace may be deleted in the same transaction.
    workspace = models.ForeignKey(
        "posts.Workspace", models.DO_NOTHING, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return str(self.post_id)
