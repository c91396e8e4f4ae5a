import uuid

from django.db import models

from destinations import public_ids


class Destination(models.Model):
    """One post for one account: the unit of work and of truth.

    `status` is written by `transitions` only. `due_at` is the only clock: when it has passed, the
    row is claimed and looked at, whatever the reason.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        #: With `next_retry_at` the next try of a round waits, for a minute at most.
        PUBLISHING = "publishing"
        #: It may be public and we are finding out. Reads `publishing` on the wire.
        UNCONFIRMED = "unconfirmed"
        PUBLISHED = "published"
        #: With `next_retry_at` an automatic retry waits for longer; without, it is final.
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("posts.Post", models.CASCADE, related_name="destinations")
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="+")
    account = models.ForeignKey(
        "destinations.Account", models.SET_NULL, null=True, related_name="destinations"
    )
    #: What customers are shown even when the account is gone.
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
    #: When the pending work was meant to begin; lag is measured from it.
    wanted_at = models.DateTimeField()
    #: Not begun by itself after that; null: however late. A person's retry clears it.
    not_after = models.DateTimeField(null=True, blank=True)

    #: Every try made, over all rounds.
    attempts = models.PositiveIntegerField(default=0)
    #: Failures that count against the retry policy; a person's retry starts afresh.
    failures = models.PositiveIntegerField(default=0)
    #: Look-ups of the present unconfirmed outcome.
    lookups = models.PositiveIntegerField(default=0)
    #: Begins since a result was last recorded: they grow if workers die at it.
    begun_count = models.PositiveSmallIntegerField(default=0)
    #: When the first try of the present budget began.
    begun_at = models.DateTimeField(null=True, blank=True)
    next_retry_at = models.DateTimeField(null=True, blank=True)
    #: What the adapter must remember between calls, encrypted by `vault`.
    checkpoint = models.TextField(blank=True)

    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    #: What a customer must know beside the outcome: what was made of a file, what is missing.
    notes = models.JSONField(default=list, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    #: Blank on a published row: it is proven to be public, and the network does not say where.
    platform_post_id = models.CharField(max_length=300, blank=True)
    platform_post_url = models.URLField(max_length=1000, blank=True)
    #: The API request that last asked for it, for the logs.
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["post", "position"]
        indexes = [
            # No status in the predicate: the planner would prefer it to the primary key.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="destination_due",
            ),
            # The oldest try that has not begun, per network. Claiming moves `due_at`, never this.
            # No other query may state this condition: on spoilt statistics the planner would use
            # this index where it needs `destination_due`.
            models.Index(
                fields=["platform", "wanted_at"],
                condition=models.Q(due_at__isnull=False)
                & (models.Q(begun_at__isnull=True) | models.Q(next_retry_at__isnull=False)),
                name="destination_not_begun",
            ),
            # A found post must not belong to another destination already.
            models.Index(
                fields=["platform_post_id"],
                condition=~models.Q(platform_post_id=""),
                name="destination_platform_post",
            ),
            # What failed of an account, and what it published last. No status here either.
            models.Index(
                fields=["account", "updated_at"],
                condition=~models.Q(error_code=""),
                name="destination_failed",
            ),
            # What somebody must look at; few, among many that failed.
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
        """Whether a try is under way, or its outcome is being found out; not while one waits."""
        begun = (self.Status.PUBLISHING, self.Status.UNCONFIRMED)
        return self.status in begun and self.next_retry_at is None

    @property
    def public_id(self) -> str:
        return public_ids.encode(public_ids.DESTINATION, self.id)
