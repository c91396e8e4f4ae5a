import uuid

from django.db import models

from destinations import public_ids
from destinations.models import conditions
from destinations.models.conditions import has


class Destination(models.Model):
    """One post for one account: the unit of work and of truth.

    Only `state.transitions` writes `status`. `due_at` is the only clock: when it has passed, a
    worker claims the row and decides what to do next.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        #: With `next_retry_at`, the next try of a round waits, for at most a minute.
        PUBLISHING = "publishing"
        #: It may be public; the network is asked. The API shows `publishing`.
        UNCONFIRMED = "unconfirmed"
        PUBLISHED = "published"
        #: With `next_retry_at`, an automatic retry waits for longer; without, it is final.
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `destination_once_per_account` serves as its index.
    post = models.ForeignKey(
        "posts.Post", models.CASCADE, related_name="destinations", db_index=False
    )
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="+")
    account = models.ForeignKey(
        "destinations.Account", models.SET_NULL, null=True, related_name="destinations"
    )
    #: Shown to customers even when the account is gone.
    account_number = models.BigIntegerField()
    account_name = models.CharField(max_length=200)
    platform = models.CharField(max_length=20)
    #: The Celery queue its messages go to.
    queue = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    #: Frozen when the post is composed: exactly what will be sent. See platforms.drafts.Draft.
    draft = models.JSONField()

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    due_at = models.DateTimeField(null=True, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    #: Whether it keeps its account's lane (`dispatch.fairness`) until `due_at`: claimed, or waiting
    #: for a quick retry. A column of its own: the planner never takes its index where a statement
    #: compares claims, and a new claim in place of an old one changes nothing in it.
    in_flight = models.GeneratedField(
        expression=models.ExpressionWrapper(
            models.Q(claim__isnull=False)
            | models.Q(status="publishing", next_retry_at__isnull=False),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    #: Whether its network is asked next, by a poll or a lookup: a pause does not hold that. Kept by
    #: a trigger. As `in_flight`, a column that a start leaves as it is.
    awaits_network = models.BooleanField(db_default=False, editable=False)
    #: When the pending work should start; lag is measured from it.
    wanted_at = models.DateTimeField()
    #: Its place in its account's lane, once a retry or a lookup has moved `wanted_at` away from it.
    lane_at = models.DateTimeField(null=True, blank=True)
    #: Not started automatically after this; null: no limit. A manual retry clears it.
    not_after = models.DateTimeField(null=True, blank=True)

    #: All attempts, over all retry budgets.
    attempts = models.PositiveIntegerField(default=0)
    #: Failures that count against the retry policy. A manual retry resets the retry budget.
    failures = models.PositiveIntegerField(default=0)
    #: Lookups of the current unconfirmed outcome.
    lookups = models.PositiveIntegerField(default=0)
    #: Starts since the last recorded result; grows if the row crashes workers.
    begun_count = models.PositiveSmallIntegerField(default=0)
    #: When the first attempt of the current retry budget started, or the last pause ended that held
    #: a retry of it.
    begun_at = models.DateTimeField(null=True, blank=True)
    next_retry_at = models.DateTimeField(null=True, blank=True)
    #: The adapter's memory between calls, encrypted by `accounts.encryption`.
    checkpoint = models.TextField(blank=True)

    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    #: Notes for the customer beside the outcome, such as a converted file or a missing comment.
    notes = models.JSONField(default=list, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    #: Blank on a published row: it is public, but the network does not say where.
    platform_post_id = models.CharField(max_length=300, blank=True)
    platform_post_url = models.URLField(max_length=1000, blank=True)
    #: The last API request that concerned it, for the logs.
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When it was composed, or last moved. A start leaves it alone: see `Meta.indexes`.
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["post", "position"]
        # An update that changes no column of any index or its condition is HOT: it writes to no
        # index. So no column that a start or a saved checkpoint changes is named here.
        indexes = [
            # No status in the condition: the planner would prefer this index to the primary key.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="destination_due",
            ),
            # The heads of the accounts' lanes (`dispatch.fairness`). The function hides that the
            # condition is that of `destination_due`: with stale statistics the planner would take
            # one for the other.
            models.Index(
                fields=["queue", "workspace", "account_number", "due_at"],
                condition=models.Q(has("due_at")),
                name="destination_lane",
            ),
            # Claimed rows, among millions that wait.
            models.Index(
                fields=["due_at"],
                condition=models.Q(in_flight=True),
                name="destination_in_flight",
            ),
            # Rows that a pause does not hold, among all that it holds.
            models.Index(
                fields=["awaits_network", "due_at"],
                condition=models.Q(awaits_network=True),
                name="destination_awaits_network",
            ),
            # The oldest open rows, per network. Claiming moves `due_at`, not this. Every row has a
            # platform, but only `dispatch.lateness` says so: with stale statistics the planner
            # would use this index for other queries too, where they need `destination_due`.
            models.Index(
                fields=["platform", "wanted_at"],
                condition=models.Q(due_at__isnull=False) & ~models.Q(platform=""),
                name="destination_wanted",
            ),
            # To check whether a found post already belongs to another destination.
            models.Index(
                fields=["platform_post_id"],
                condition=~models.Q(platform_post_id=""),
                name="destination_platform_post",
            ),
            # The code of a post in its link, on networks whose links do not hold the post's id.
            models.Index(
                conditions.last_part("platform_post_url"),
                condition=models.Q(platform__in=conditions.WITHOUT_ID)
                & ~models.Q(platform_post_url=""),
                name="destination_link_part",
            ),
            # Failures of an account, and its last publication. No status here either.
            models.Index(
                fields=["account", "updated_at"],
                condition=~models.Q(error_code=""),
                name="destination_failed",
            ),
            # Failures, network by network and code by code: for good (`num_nonnulls` is 0), or
            # until a retry (1). The function hides the condition from other indexes, as above.
            models.Index(
                "platform",
                models.Func("due_at", function="num_nonnulls", output_field=models.IntegerField()),
                "error_code",
                "updated_at",
                condition=~models.Q(error_code=""),
                name="destination_error",
            ),
            # Destinations that a person must resolve; few among many failed ones.
            models.Index(
                fields=["updated_at"],
                condition=models.Q(error_code="outcome_unknown"),
                name="destination_may_be_public",
            ),
            models.Index(
                fields=["account", "published_at"],
                condition=models.Q(published_at__isnull=False),
                name="destination_published",
            ),
            # The operators' list, last moved first, and nothing else. A start leaves it alone.
            models.Index(
                fields=["updated_at"],
                condition=models.Q(has("updated_at")),
                name="destination_moved",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "account_number"], name="destination_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_begun(self) -> bool:
        """Return whether an attempt is running or being looked up; not while a retry waits."""
        begun = (Destination.Status.PUBLISHING, Destination.Status.UNCONFIRMED)
        return self.status in begun and self.next_retry_at is None

    @property
    def public_id(self) -> str:
        return public_ids.encode(public_ids.DESTINATION, self.id)
