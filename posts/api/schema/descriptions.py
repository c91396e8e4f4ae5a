"""Titles of operations; descriptions of fields and parameters, where their serializers have none.

Here are names that several serializers share, and long texts. A field is looked up as
`Schema.field` first, then by its name alone: most names mean one thing everywhere. A test fails for
a field that has neither of them nor a `help_text`.
"""

from platforms.registry import BY_FORM
from posts.api.schema.examples import Json

FIELDS = {
    # In every answer
    "data": "The result.",
    "error": "Always null: it succeeded.",
    "meta": "Metadata of the answer.",
    "Note.destination_id": "The destination that the note is about.",
    "ErrorAnswer.data": "Always null.",
    "ErrorAnswer.error": "What went wrong.",
    "CreatePostsRefusal.error": "Always null: each post's own error is in `data.results`.",
    "code": "A stable code.",
    "retryable": "Whether the same request may succeed later.",
    "details": "More about the error, such as `validation_errors`.",
    # Ids and names
    "id": "Its id.",
    "post_id": "The post's id.",
    "post_ids": "Only posts with these ids.",
    "media_id": "The file's id.",
    "account_id": "The account's id.",
    "destination_id": "The destination's id.",
    "name": "Its name.",
    "platform": "The network.",
    "account_name": "Its @handle or its display name.",
    # Posts
    "content": "The text.",
    "media": "The files, in order.",
    "AttachedMedia.url": "Where the file can be fetched, without its metadata; valid for days. "
    "Null while it is being prepared.",
    "media_ids": "The file's id, as `media_ids` of a post takes it.",
    "scheduled_for": "When it is published; null: at once, or no time is set.",
    "scheduled_at": "The new time: ISO 8601, in the future.",
    "timezone": "The IANA name of the time zone that the post was written in.",
    "status": "The status.",
    "DetailedPost.status": "The post's status, which follows from its destinations'.",
    "ListedPost.status": "The post's status, which follows from its destinations'.",
    "destinations": "One destination per account.",
    "message": "What was done, for people to read.",
    "created_at": "When it was created.",
    "updated_at": "When it last changed.",
    # Destinations
    "published_at": "When it became public; null until then.",
    "platform_post_id": "The network's own id of the post; null until it is known.",
    "platform_post_url": "The public URL of the post; null until it is known.",
    "new_status": "Its status now.",
    "RetryFailed.platform": "Only destinations on this network.",
    # Analytics
    "Summary.period": "As asked.",
    "Summary.posts": "Posts by their status now.",
    "by_platform": "Destinations of these posts, on each connected platform.",
    "Summary.metrics": "Sums over published destinations; 0 also where no network tells.",
    "Summary.ai_credits": "AI credits of the workspace.",
    # Campaigns
    "Campaign.name": "Its name; others may have the same.",
    "Campaign.status": "An archived campaign keeps its posts and takes no more.",
    # Hashtag sets
    "HashtagSet.name": "Its name, which no other set of the workspace has.",
    # Feeds
    "Feed.name": "Its name; others may have the same.",
    "FeedItem.title": "The item's title, without markup.",
    # Recurrences
    "freq": "The unit of `interval`.",
    "gap_unit": "The unit of `gap`.",
    # Bulk and validation
    "results": "One result per post, in the order of the request.",
    "BulkError.status": "The HTTP status that POST /posts would answer with.",
    "valid": "Whether POST /posts would accept it.",
    "errors": "Why POST /posts would refuse it; empty if it would not.",
    "warnings": "What would fail on publishing, although POST /posts accepts it.",
    "notes": "What would be changed so that the network accepts it.",
    # Events
    "PostEvent.id": "The event's id; later events have higher ids.",
    "move": "What happened: the name of the status change.",
    "from_status": "The destination's status before; null for its first event.",
    "PostEvent.request_id": "The API request that caused it, if one did.",
    "attempt": "The attempt that the event is about, if it is about one.",
    "answered_at": "When the network answered the publishing call.",
    "http_status": "The HTTP status of the network's last answer.",
    "platform_request_id": "The network's own id of the request, for its support team.",
    # Accounts
    "is_active": "Whether it is in use. An inactive account cannot publish.",
    "can_post": "Whether it can publish now.",
    "HealthSummary.status": "Its health.",
    "HealthReport.status": "Its health.",
    "reasons": "Why it is not healthy, as stable codes.",
    "needs_reconnection": "Whether its owner must reconnect it.",
    "needs_reconnection_since": "When it began to need reconnecting; null: it does not.",
    "Token.expires_at": "When it expires unless it is refreshed; null: it does not expire.",
    "last_refresh": "When it was last refreshed.",
    "last_published_at": "When a post was last published to it.",
    "queued_count": "How many destinations are waiting to be published to it.",
    "connected_at": "When its owner connected it.",
    "CreateLink.platform": "The network of the account.",
    # Files
    "filename": "The file's name.",
    "content_type": "The file's MIME type.",
    "type": "What kind of file it is.",
    "url": "Where the file can be fetched, without its metadata; valid for days. Null until it is "
    "ready; for a video with metadata, until its copy without metadata is made.",
    "thumbnail_url": "A thumbnail; null if there is none.",
    "width": "In pixels.",
    "height": "In pixels.",
    "duration": "In seconds, of a video.",
    "orientation": "`landscape`, `portrait` or `square`.",
    "mime_type": "The same as `content_type`.",
    "media_status": "The same as `status`.",
    "FetchedMedia.media_status": "The file's status.",
    "next_step": "What to do next, for people to read.",
    "field_name": "Always null: the bytes are the body, not a form field.",
    "CreateUpload.platforms": "The networks it is for; informational.",
    "CreateUpload.width": "In pixels; informational: the file itself is measured.",
    "CreateUpload.height": "In pixels; informational: the file itself is measured.",
    "CreateUpload.duration": "In seconds; informational: the file itself is measured.",
    # Webhooks and their deliveries
    "webhooks": "The webhooks.",
    "Webhook.url": "Where events are sent, byte for byte as you gave it.",
    "description": "What it is for; null if you did not say.",
    "consecutive_failures": "Attempts that failed since the last one that succeeded.",
    "auto_disabled_at": "When it was switched off because it failed for too long, or answered 410; "
    "null: it was not.",
    "last_delivery_at": "When something was last sent to it.",
    "last_success_at": "When it last answered with 2xx.",
    "last_failure_at": "When it last did not.",
    "duration_ms": "How long the request took, in milliseconds.",
    "deliveries": "The deliveries, newest first.",
    "pagination": "Which page of the list this is.",
    "event_id": "The event's id, the same at every attempt: the header `webhook-id`.",
    "event": "What happened.",
    "Redelivered.delivery_id": "The delivery's id.",
    "Delivery.status": "`waiting`: an attempt follows; `failed`: none follows by itself.",
    "attempt_number": "Counts from 1.",
    "status_code": "The HTTP status of the answer; null if there was none.",
    "request_headers": "What was sent with the last attempt.",
    "request_body": "What is sent, the same bytes at every attempt.",
    "response_body": "The beginning of the last answer.",
    "attempted_at": "When the attempt began.",
    "next_attempt_at": "When the next attempt is made; null: none is planned.",
    "Delivery.attempts": "The newest 20 attempts, newest first.",
    "DeliveryAttempt.error": "Why it failed; null if it did not.",
    # Who calls
    "scopes": "What the key may do.",
    "Key.expires_at": "When the key expires; null: it does not.",
    "Quota.accounts": "Connected accounts.",
    "ai_credits": "AI credits of this calendar month.",
    "storage_bytes": "Storage for files.",
    "team_seats": "Members; there is no limit.",
    # What the platforms take
    "Platforms.platforms": "The rules, by platform.",
    "characterUnit": "The unit in which a text's length is counted.",
    "features": "What else the platform supports.",
    "contentTypes": "The post types: values of `contentType`.",
    "mediaByContentType": "The rules for files, by post type.",
    "video": "The rules for videos; null: none are accepted.",
    "image": "The rules for images; null: none are accepted.",
    "document": "The rules for documents; null: none are accepted.",
    "required": "Whether a post needs a file.",
}

#: Parameters of paths and queries; of ids those that say more.
PARAMETERS = {
    "account_id": "The account's id, as GET /accounts lists it.",
    "media_id": "The file's id.",
    "session_id": "The session's id, as POST /auth/social-connect/start answers it.",
    "link_id": "The share link's id.",
    "queue_id": "The posting queue's id.",
    "destination_id": "The destination's id, as the post's results list it.",
    "delivery_id": "The delivery's id, as the webhook's deliveries list it.",
    "format": "The form of the file.",
    "limit": "The most items to list.",
    "offset": "How many items to skip.",
    "scheduled_after": "Scheduled for this time or later.",
    "scheduled_before": "Scheduled for a time before this one.",
    "type": "Only files of this kind.",
    "status": "Only files with this status.",
    "state": "Only items in this state.",
    "order": "`desc`: newest first; `asc`: oldest first.",
}

#: Titles of operations whose names do not say them.
SUMMARIES = {
    "generate_caption": "Generate captions",
    "get_account_health": "Get an account's health",
    "reconnect_account": "Create a reconnect link",
    "retry_missed": "Retry posts that an account missed",
    "connect_link": "Create a connect link",
    "start_device_login": "Begin to log in from a terminal",
    "ask_device_login": "Ask for the key of a login",
    "start_connect": "Begin to connect an account",
    "get_connect_state": "Get the state of a connection",
    "connect_credential": "Connect by credentials",
    **{f"connect_{key}": f"Connect {name}" for key, name in BY_FORM.items()},
    "get_analytics_summary": "Get a summary",
    "get_post_defaults": "Get the defaults of posts",
    "edit_post_defaults": "Change the defaults of posts",
    "create_feed": "Make posts of a feed",
    "list_feed_items": "List a feed's items",
    "get_link_settings": "Get the link settings",
    "edit_link_settings": "Change the link settings",
    "delete_link_settings": "Delete the link settings",
    "get_campaign_link_settings": "Get a campaign's link settings",
    "edit_campaign_link_settings": "Change a campaign's link settings",
    "delete_campaign_link_settings": "Delete a campaign's link settings",
    "list_post_links": "List a post's short links",
    "get_me": "Get the calling key",
    "list_queues": "List posting queues",
    "create_queue": "Make a posting queue",
    "get_queue": "Get a posting queue",
    "edit_queue": "Change a posting queue",
    "delete_queue": "Delete a posting queue",
    "get_next_slot": "Get a queue's next slot",
    "preview_queue": "Preview a queue's slots",
    "get_default_queue": "Get the default queue",
    "get_recycling": "Get a post's recycling",
    "edit_recycling": "Change a post's recycling",
    "list_media": "List files",
    "get_media": "Get a file",
    "delete_media": "Delete a file",
    "create_upload": "Start an upload",
    "upload_from_url": "Import a file from a URL",
    "get_platform_rules": "List platform rules",
    "edit_post": "Edit a post",
    "resolve_destination": "Resolve an uncertain destination",
    "list_post_events": "List a post's events",
    "get_post_results": "Get a post's results",
    "schedule_post": "Schedule a draft",
    "create_posts": "Create posts in bulk",
    "import_posts": "Import posts from a file",
    "export_posts": "Export posts as a file",
    "delete_calendar_feed": "Revoke a calendar feed",
    "rotate_calendar_feed": "Give a calendar feed a new address",
    "retry_failed": "Retry failed destinations",
    "get_approval": "Get a post's approval",
    "request_approval": "Ask for approval",
    "request_changes": "Ask for changes",
    "comment_on_post": "Comment on a post",
    "list_share_links": "List a post's share links",
    "create_share_link": "Make a share link",
    "list_deliveries": "List a webhook's deliveries",
    "rotate_webhook_secret": "Rotate a webhook's secret",
    "redeliver": "Deliver an event again",
    "recover_webhook": "Deliver what a webhook missed",
}
#: The first word of a title, where it is not that of the operation's name.
VERBS = {"edit": "Change"}


def summary(operation: str) -> str:
    """Return the title of an operation; by default its name in words."""
    verb, _, rest = operation.partition("_")
    what = rest.replace("_", " ")
    article = "" if verb == "list" else "an " if what.startswith(tuple("aeiou")) else "a "
    return SUMMARIES.get(operation) or f"{VERBS.get(verb, verb.title())} {article}{what}"


def parameter(name: str) -> str:
    """Return the description of a parameter of a path or query."""
    is_id = name.endswith("_id")
    own = f"The {name.removesuffix('_id').replace('_', ' ')}'s id." if is_id else ""
    return PARAMETERS.get(name, own)


def describe(name: str, schema: Json) -> None:
    """Describe every field of this component that is not described yet."""
    for field, shape in schema["properties"].items():
        if not shape.get("description"):
            text = FIELDS.get(f"{name}.{field}", FIELDS.get(field, ""))
            # OpenAPI 3.0 ignores what stands beside a $ref.
            shape = {"allOf": [shape]} if "$ref" in shape else shape
            schema["properties"][field] = {**shape, "description": text}
