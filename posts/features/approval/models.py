import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from destinations.runtime import clock
from posts.models.indexes import where_set


class Approval(models.Model):
    """A post's state of approval; a post without a row asked no person.

    Written under the locks of the post's destinations and of the post, in that order.
    """

    class Status(models.TextChoices):
        #: A draft of a workspace that requires approval; no person was asked yet.
        NONE = "none"
        PENDING = "pending"
        APPROVED = "approved"
        CHANGES_REQUESTED = "changes_requested"
        REJECTED = "rejected"

    class Stage(models.TextChoices):
        INTERNAL = "internal"
        CLIENT = "client"

    post = models.OneToOneField(
        "posts.Post", models.CASCADE, primary_key=True, related_name="approval"
    )
    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="+")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    #: Who decides next, or decided last.
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.INTERNAL)
    #: When a person was last asked.
    requested_at = models.DateTimeField(null=True, blank=True)
    #: Whose answer is wanted, as the customer names them.
    reviewers = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    #: Of the last decision; null and blank while one is awaited.
    decided_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=200, blank=True, default="")
    comment = models.TextField(blank=True, default="")
    #: Who composed the post and who changed it last, as in the events of destinations: these may
    #: not approve it.
    created_by = models.CharField(max_length=200, blank=True, default="")
    edited_by = models.CharField(max_length=200, blank=True, default="")
    #: The version that was last approved, as `review.versions` writes one; null: none was.
    approved = models.JSONField(null=True, blank=True)
    #: From then on it is too late to approve, and the post is missed; null: no such time.
    expires_at = models.DateTimeField(null=True, blank=True)
    #: How often it was asked again, and when it is next.
    reminders = models.PositiveSmallIntegerField(default=0)
    remind_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            where_set("expires_at", name="approval_expires"),
            where_set("remind_at", name="approval_remind"),
            # Approvals that wait for a decision, the longest first.
            models.Index(
                fields=["requested_at"],
                condition=models.Q(requested_at__isnull=False, decided_at__isnull=True),
                name="approval_waiting",
            ),
        ]
        permissions = [("approve_post", "Can approve posts, and publish without approval")]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.post_id} {self.status}"


#: The statuses in which a post is not published.
UNAPPROVED = (
    Approval.Status.PENDING,
    Approval.Status.CHANGES_REQUESTED,
    Approval.Status.REJECTED,
)


class ApprovalEvent(models.Model):
    """Something that was done or said about a post's approval. Never changed."""

    class Action(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        CHANGES_REQUESTED = "changes_requested"
        REJECTED = "rejected"
        EDITED = "edited"
        COMMENTED = "commented"
        REMINDED = "reminded"
        MISSED = "missed"
        OVERRIDDEN = "overridden"
        LINK_CREATED = "link_created"
        LINK_REVOKED = "link_revoked"

    class Visibility(models.TextChoices):
        INTERNAL = "internal"
        CLIENT = "client"

    #: `approval_event_of_post` serves as its index.
    post = models.ForeignKey(
        "posts.Post", models.CASCADE, related_name="approval_events", db_index=False
    )
    at = models.DateTimeField()
    action = models.CharField(max_length=20, choices=Action.choices)
    stage = models.CharField(max_length=10, choices=Approval.Stage.choices, blank=True, default="")
    #: `key:…`, `operator:…`, `link:…`, `dovecote`.
    by = models.CharField(max_length=200)
    #: The name that a person behind a link gives.
    name = models.CharField(max_length=100, blank=True, default="")
    text = models.TextField(blank=True, default="")
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL
    )
    #: The edits: {field: {before, after}}.
    changes = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["post", "id"], name="approval_event_of_post")]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.action} {self.post_id}"


class ShareLink(models.Model):
    """A secret address at which a post is shown to people without a login."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("posts.Post", models.CASCADE, related_name="share_links")
    #: SHA-256 of the secret, hex. 128 random bits need no slow hash.
    digest = models.CharField(max_length=64, unique=True)
    #: Whether its holder may approve, ask for changes and reject.
    can_decide = models.BooleanField(default=False)
    #: Whom it is for, as its maker says; blank: not said.
    reviewer = models.CharField(max_length=100, blank=True, default="")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"link {self.id}"

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= clock.now() else "active"
