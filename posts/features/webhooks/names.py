"""The names of events."""

POST_PUBLISHING = "post.publishing"
POST_PUBLISHED = "post.published"
POST_FAILED = "post.failed"
POST_PARTIALLY_FAILED = "post.partially_failed"
POST_RECYCLED = "post.recycled"
#: What a webhook may subscribe to.
EVENTS = (
    "post.scheduled",
    POST_PUBLISHING,
    POST_PUBLISHED,
    POST_FAILED,
    POST_PARTIALLY_FAILED,
    "post.updated",
    "post.deleted",
    "post.deleted_on_platform",
    POST_RECYCLED,
    "post.approval_requested",
    "post.approved",
    "post.changes_requested",
    "post.rejected",
    "account.connected",
    "account.disconnected",
    "account.reconnect_needed",
    "media.uploaded",
    "media.deleted",
    "feed.disabled",
)
#: Sent on request, to one webhook.
TEST = "webhook.test"
