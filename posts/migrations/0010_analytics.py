"""Add tallies of posts, and readings of their engagement at the networks."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import DO_NOTHING, ForeignKey, Q

from destinations.runtime.migration_tables import (
    ID,
    ONE,
    covered_key,
    index,
    one_row,
    primary_key_to,
    table,
    unique,
)

FIGURES = ("views", "likes", "comments", "shares", "impressions", "clicks")
UNKNOWN = {name: models.BigIntegerField(blank=True, null=True) for name in FIGURES}
TAKE_AWAY = """
CREATE FUNCTION posts_take_engagement_away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO posts_engagementtally
        (workspace_id, hour, platform, is_whole, views, likes, comments, shares, impressions, clicks)
    VALUES (OLD.workspace_id, date_trunc('hour', OLD.post_created_at, 'UTC'), OLD.platform, false,
        -coalesce(OLD.views, 0), -coalesce(OLD.likes, 0), -coalesce(OLD.comments, 0),
        -coalesce(OLD.shares, 0), -coalesce(OLD.impressions, 0), -coalesce(OLD.clicks, 0));
    RETURN NULL;
END $$
"""
WHEN_DELETED = """
CREATE TRIGGER engagement_taken_away AFTER DELETE ON posts_engagement
FOR EACH ROW WHEN (OLD.read_at IS NOT NULL) EXECUTE FUNCTION posts_take_engagement_away()
"""


class Migration(migrations.Migration):
    dependencies = [("destinations", "0005_lane_index"), ("posts", "0009_approval")]

    operations = [
        table(
            "TallyProgress",
            workspace=primary_key_to("posts.workspace", "+"),
            upto=models.DateTimeField(),
        ),
        table(
            "DeletedPost",
            id=ID,
            post_id=models.UUIDField(),
            workspace=ForeignKey(
                "posts.workspace", DO_NOTHING, db_constraint=False, related_name="+"
            ),
        ),
        table(
            "CountedPost",
            index("counted_post_of_time", "workspace", "created_at"),
            index("counted_post_unseen", "workspace", where=Q(may_change_unseen=True)),
            post_id=models.UUIDField(primary_key=True, serialize=False),
            created_at=models.DateTimeField(),
            campaign_number=models.BigIntegerField(),
            parts=ArrayField(models.TextField()),
            seen_at=models.DateTimeField(),
            may_change_unseen=models.BooleanField(),
            workspace=covered_key("posts.workspace", "+"),
        ),
        table(
            "PostTally",
            index("tally_of_campaign", "campaign_number", "hour", where=~Q(campaign_number=0)),
            unique("tally_once", "workspace", "hour", "campaign_number", "part"),
            id=ID,
            hour=models.DateTimeField(),
            campaign_number=models.BigIntegerField(),
            part=models.TextField(),
            count=models.BigIntegerField(),
            workspace=covered_key("posts.workspace", "+"),
        ),
        table(
            "EngagementProgress",
            one_row("engagement_progress_one_row"),
            id=ONE,
            event_id=models.BigIntegerField(default=0),
        ),
        table(
            "EngagementTally",
            index("engagement_tally_of_time", "workspace_id", "hour"),
            index("engagement_tally_part", "id", where=Q(is_whole=False)),
            id=ID,
            workspace_id=models.UUIDField(),
            hour=models.DateTimeField(),
            platform=models.CharField(max_length=20),
            is_whole=models.BooleanField(default=False),
            **{name: models.BigIntegerField(default=0) for name in FIGURES},
        ),
        table(
            "AccountEngagement",
            index("account_engagement_due", "due_at", where=Q(due_at__isnull=False)),
            account=primary_key_to("destinations.account", "engagement"),
            due_at=models.DateTimeField(blank=True, null=True),
            not_before=models.DateTimeField(blank=True, null=True),
            claim=models.UUIDField(blank=True, null=True),
            followers_read_at=models.DateTimeField(blank=True, null=True),
            problem=models.CharField(max_length=60, blank=True),
        ),
        table(
            "FollowersReading",
            index("followers_of_account", "account", "at"),
            id=ID,
            at=models.DateTimeField(),
            followers=models.BigIntegerField(),
            account=covered_key("destinations.account", "+"),
        ),
        table(
            "Engagement",
            index("engagement_due", "account_number", "due_at", where=Q(due_at__isnull=False)),
            index(
                "engagement_of_time",
                "workspace_id",
                "post_created_at",
                where=Q(read_at__isnull=False),
            ),
            **UNKNOWN,
            destination=primary_key_to("destinations.destination", "engagement"),
            account_number=models.BigIntegerField(),
            workspace_id=models.UUIDField(),
            platform=models.CharField(max_length=20),
            platform_post_id=models.CharField(max_length=500),
            post_created_at=models.DateTimeField(),
            published_at=models.DateTimeField(),
            read_at=models.DateTimeField(blank=True, null=True),
            due_at=models.DateTimeField(blank=True, null=True),
        ),
        table(
            "EngagementReading",
            index("reading_of_destination", "destination", "at"),
            id=ID,
            **UNKNOWN,
            at=models.DateTimeField(),
            destination=covered_key("destinations.destination", "readings"),
        ),
        migrations.RunSQL(TAKE_AWAY, "DROP FUNCTION posts_take_engagement_away"),
        migrations.RunSQL(WHEN_DELETED, "DROP TRIGGER engagement_taken_away ON posts_engagement"),
    ]
