"""Add pauses, statistics per minute, the counter of claims, and deletions at networks."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import CASCADE, SET_NULL, ForeignKey, Q

from destinations.runtime.migration_tables import (
    ID,
    ONE,
    UUID,
    choice,
    index,
    one_row,
    table,
    unique,
)


class Migration(migrations.Migration):
    dependencies = [("destinations", "0005_lane_index"), ("posts", "0005_fewer_indexes")]

    operations = [
        table(
            "Pause",
            index("pause_resumed", "resumed_at"),
            unique("pause_once_at_a_time", "scope", "target", where=Q(resumed_at__isnull=True)),
            models.CheckConstraint(
                condition=Q(scope="installation", target="")
                | ~Q(scope="installation") & ~Q(target=""),
                name="pause_has_its_target",
            ),
            id=ID,
            scope=models.CharField(
                max_length=12,
                choices=[
                    ("installation", "the whole installation"),
                    ("network", "a network"),
                    ("workspace", "a workspace"),
                    ("account", "an account"),
                ],
            ),
            target=models.CharField(max_length=40, blank=True),
            name=models.CharField(max_length=300),
            reason=models.TextField(),
            notice=models.CharField(max_length=300, blank=True),
            paused_at=models.DateTimeField(),
            paused_by=models.CharField(max_length=200),
            resumed_at=models.DateTimeField(blank=True, null=True),
            resumed_by=models.CharField(max_length=200, blank=True),
            options={"ordering": ["-pk"]},
        ),
        table(
            "DurationHistogram",
            unique(
                "duration_histogram_once", "minute", "platform", "measure", nulls_distinct=False
            ),
            id=ID,
            minute=models.DateTimeField(blank=True, null=True),
            platform=models.CharField(max_length=20),
            measure=choice("lag publish"),
            counts=ArrayField(models.BigIntegerField()),
            seconds=models.FloatField(),
        ),
        table(
            "OutcomeCount",
            unique(
                "outcome_count_once", "minute", "platform", "kind", "code", nulls_distinct=False
            ),
            id=ID,
            minute=models.DateTimeField(blank=True, null=True),
            platform=models.CharField(max_length=20),
            kind=choice(
                "published failed retried unconfirmed looked_up refreshed not_refreshed",
                max_length=20,
            ),
            code=models.CharField(max_length=60, blank=True),
            count=models.BigIntegerField(),
            lowest_account=models.BigIntegerField(default=0),
            highest_account=models.BigIntegerField(default=0),
        ),
        table(
            "StatisticsProgress",
            one_row("statistics_progress_one_row"),
            id=ONE,
            event_id=models.BigIntegerField(default=0),
            counted_at=models.DateTimeField(blank=True, null=True),
        ),
        table(
            "ClaimCounter",
            one_row("claim_counter_one_row"),
            id=ONE,
            count=models.BigIntegerField(db_default=0),
            is_synchronous=models.BooleanField(db_default=False),
        ),
        table(
            "Deletion",
            index("deletion_due", "due_at", "id", where=Q(due_at__isnull=False)),
            index("deletion_asked", "asked_at", "id"),
            index("deletion_failed", "ended_at", where=Q(status="failed")),
            index("deletion_platform_post", "platform_post_id", where=~Q(platform_post_id="")),
            id=UUID,
            destination_id=models.UUIDField(unique=True),
            post_id=models.UUIDField(db_index=True),
            account_number=models.BigIntegerField(),
            account_name=models.CharField(max_length=200),
            platform=models.CharField(max_length=20),
            platform_post_id=models.CharField(max_length=300, blank=True),
            platform_post_url=models.URLField(max_length=1000, blank=True),
            parts=models.JSONField(default=list),
            is_proven=models.BooleanField(default=True),
            removes_post=models.BooleanField(default=False),
            status=choice(
                "waiting deleting deleted already_gone not_supported failed left",
                max_length=13,
                default="waiting",
            ),
            due_at=models.DateTimeField(blank=True, null=True),
            claim=models.UUIDField(blank=True, null=True),
            attempts=models.PositiveIntegerField(default=0),
            failures=models.PositiveIntegerField(default=0),
            error=models.TextField(blank=True),
            error_code=models.CharField(max_length=60, blank=True),
            asked_at=models.DateTimeField(),
            asked_by=models.CharField(max_length=200),
            request_id=models.CharField(max_length=40, blank=True),
            ended_at=models.DateTimeField(blank=True, null=True),
            account=ForeignKey(
                "destinations.account", SET_NULL, null=True, related_name="deletions"
            ),
            workspace=ForeignKey("posts.workspace", CASCADE, related_name="+"),
            options={"ordering": ["-asked_at"]},
        ),
    ]
