"""What each field and parameter of the API means, where its serializer does not say.

A field is looked up as `Schema.field` first, then by its name alone: most names mean one thing
everywhere. A test fails for a field that has neither of them nor a `help_text`.
"""

from typing import Any

Json = dict[str, Any]

FIELDS = {
    # In every answer
    "data": "The answer itself.",
    "meta": "About the answer.",
    "request_id": "The request's id, for support and logs.",
    "timestamp": "When the answer was given.",
    "Note.note": "What happened, in a sentence for people.",
    "Note.destination_id": "The destination that the note is about.",
    "ErrorAnswer.data": "Always null.",
    "ErrorAnswer.error": "What went wrong.",
    "NoneMadeAnswer.error": "Always null: each post's own error is in `data.results`.",
    "ApiError.code": "A stable word for programs.",
    "ApiError.details": "More about the error, such as `validation_errors`.",
    "pagination": "Which part of the list this is.",
    "limit": "How many items a page has at most.",
    "offset": "How many items were left out before this page.",
    "Pagination.total": "How many items match in all.",
    "has_more": "Whether another page follows.",
    # Ids and names
    "id": "Its id.",
    "post_id": "The post's id.",
    "post_ids": "Only posts with these ids.",
    "media_id": "The file's id.",
    "account_id": "The account's id.",
    "destination_id": "The destination's id.",
    "name": "Its name.",
    "platform": "The network.",
    "account_name": "The account as people know it: its @handle or its display name.",
    "platform_account_id": "The account's id at the network.",
    # Posts
    "content": "The text.",
    "media": "The files, in their order.",
    "MediaList.media": "The files of this page.",
    "AttachedMedia.url": "Where the file can be fetched, without its metadata; good for some days. "
    "Null while it is being made.",
    "media_ids": "The file's id, as `media_ids` of a post takes it.",
    "CreateBody.media_ids": "Ids of uploaded files, in the order they are shown.",
    "scheduled_for": "When it is to be published; null: at once, or no time is set.",
    "scheduled_at": "The new time: ISO 8601, in the future.",
    "timezone": "The IANA name of the time zone that the post was written in.",
    "PatchedEditBody.content": "The new text.",
    "status": "Its status.",
    "DetailedPost.status": "The post's status, which follows from its destinations'.",
    "ListedPost.status": "The post's status, which follows from its destinations'.",
    "destinations": "One destination per account.",
    "accounts_count": "How many accounts it goes to.",
    "message": "What was done, in a sentence for people.",
    "next_steps": "How to go on.",
    "deleted": "Always true.",
    "publish_now": "Whether it is published at once.",
    "created_at": "When it was created.",
    "updated_at": "When it last changed.",
    # Destinations
    "published_at": "When it became public; null until then.",
    "platform_post_id": "The network's own id of the post; null until it is known.",
    "platform_post_url": "Where the post is public; null until it is known.",
    "error": "Why it failed, in a sentence for people; null if it did not.",
    "attempts": "How often it was tried.",
    "next_retry_at": "When it is tried again by itself; null: it is not.",
    "new_status": "Its status now.",
    "retried_count": "How many destinations are tried again.",
    "Retried.destinations": "The destinations that are tried again.",
    "RetriedFailed.destinations": "The destinations that are tried again.",
    "RetriedMissed.destinations": "The destinations that are tried again.",
    # Retries
    "RetryFailedBody.account_id": "Only destinations of this account.",
    "RetryFailedBody.platform": "Only destinations on this network.",
    # Bulk and validation
    "summary": "How many were created and how many were not.",
    "results": "One result per post, in the order of the request.",
    "index": "The post's place in the request, from 0.",
    "ok": "Whether the post was created.",
    "post": "The post, if it was created.",
    "BulkResult.error": "Why it was not created.",
    "BulkError.code": "A stable word for programs.",
    "BulkError.message": "What is wrong, in a sentence for people.",
    "BulkError.status": "The HTTP status that POST /posts would have answered.",
    "BulkError.details": "More about the error, such as `validation_errors`.",
    "BulkSummary.total": "How many posts were sent.",
    "succeeded": "How many posts were created.",
    "failed": "How many posts were refused.",
    "valid": "Whether POST /posts would accept it.",
    "Validated.accounts": "What holds for each account.",
    "errors": "Why POST /posts would refuse it.",
    "warnings": "What would fail when it is published, although POST /posts accepts it.",
    "notes": "What would be changed so that the network takes it.",
    "Problem.code": "A stable word for programs.",
    "Problem.message": "What is wrong, in a sentence for people.",
    # Events
    "at": "When it happened.",
    "PostEvent.id": "The event's id; later events have higher ids.",
    "move": "What happened: the name of the status change.",
    "from_status": "The destination's status before; null for its first event.",
    "to_status": "The destination's status after.",
    "reason": "Why, in a sentence for people.",
    "PostEvent.request_id": "The API request that caused it, if one did.",
    "attempt": "The try that the event is about, if it is about one.",
    "number": "The try's number, from 1.",
    "started_at": "When the try began.",
    "answered_at": "When the network answered the call that publishes.",
    "finished_at": "When the try ended.",
    "outcome": "How the try ended.",
    "EventAttempt.error": "Why the try failed, in a sentence for people.",
    "http_status": "The HTTP status of the network's last answer.",
    "platform_code": "The network's own error code.",
    "platform_request_id": "The network's own id of the request, for its support.",
    # Accounts
    "Accounts.accounts": "The accounts, oldest first.",
    "avatar_url": "The profile's picture, if the network gave one.",
    "is_active": "Whether it is in use; one that is not cannot be posted to.",
    "health": "Whether it can be posted to.",
    "can_post": "Whether it can be posted to now.",
    "HealthSummary.status": "How well it is, in a word.",
    "HealthReport.status": "How well it is, in a word.",
    "reasons": "Why it is not healthy, as stable words for programs.",
    "needs_reconnection": "Whether its owner must reconnect it.",
    "needs_reconnection_since": "Since when its owner must reconnect it.",
    "token": "The access that the network granted.",
    "Token.expires_at": "When the access ends unless it is refreshed; null: it does not end.",
    "last_refresh": "When the access was last refreshed.",
    "expired": "Whether the access has ended.",
    "activity": "What the account has been doing.",
    "last_published_at": "When a post last went out to it.",
    "queued_count": "How many destinations wait for it.",
    "connected_at": "When its owner connected it.",
    "Link.expires_at": "Until when the link works.",
    "CreateLink.platform": "The network to connect an account of.",
    # Files
    "filename": "The file's name.",
    "content_type": "The file's MIME type.",
    "type": "What kind of file it is.",
    "url": "Where the file can be fetched, without its metadata; good for some days. Null until it "
    "is ready, and of a video with metadata until its copy without is made.",
    "thumbnail_url": "A small picture of it; null if there is none.",
    "width": "In pixels.",
    "height": "In pixels.",
    "duration": "In seconds, of a video.",
    "dimensions": "Width and height.",
    "orientation": "`landscape`, `portrait` or `square`.",
    "mime_type": "The same as `content_type`.",
    "file_size": "The same as `size`.",
    "original_name": "The same as `filename`.",
    "media_status": "The same as `status`.",
    "FetchedMedia.media_status": "Whether the file is ready.",
    "FetchedMedia.size": "In bytes; null until it is known.",
    "source_url": "Where it is fetched from.",
    "next_step": "What to do next, in a sentence for people.",
    "upload_url": "Where to PUT the bytes, without a key.",
    "upload_method": "How to send the bytes.",
    "UploadMethod.method": "The HTTP method.",
    "UploadMethod.content_type": "The Content-Type to send.",
    "field_name": "Always null: the bytes are the body, not a form's field.",
    "provider": "Where the bytes go.",
    "protocol": "How the bytes are sent.",
    "UploadBody.platforms": "The networks it is for; for your own record.",
    "UploadBody.width": "In pixels; the file itself decides.",
    "UploadBody.height": "In pixels; the file itself decides.",
    "UploadBody.duration": "In seconds; the file itself decides.",
    # Who calls
    "api_key": "The key that was used.",
    "key_prefix": "How the key begins.",
    "scopes": "What the key may do.",
    "Key.expires_at": "When the key ends; null: it does not.",
    "user": "Constants: keys belong to a workspace, not to a person.",
    "organization": "The workspace, under its other name.",
    "workspace": "The workspace that the key belongs to.",
    "quota": "What is used, and how much there may be.",
    "stats": "How much is published.",
    "Quota.accounts": "Connected accounts.",
    "ai_credits": "Always 0: there are no credits here.",
    "storage_bytes": "Storage for files.",
    "team_seats": "People; there is no limit.",
    "AccountQuota.limit": "Null: there is no limit.",
    "posts_last_30d": "Posts created in the last 30 days.",
    "total_posts": "Posts created.",
    # What the platforms take
    "Platforms.platforms": "The rules, by platform.",
    "characterLimit": "How long a text may be.",
    "characterUnit": "What a text's length is counted in.",
    "features": "What else the platform can do.",
    "contentTypes": "The kinds of post: words for `contentType`.",
    "mediaByContentType": "The rules for files, by kind of post.",
    "PlatformRule.media": "The rules for files.",
    "video": "The rules for videos; null: none are taken.",
    "image": "The rules for images; null: none are taken.",
    "document": "The rules for documents; null: none are taken.",
    "maxItems": "How many files a post may have.",
    "required": "Whether a post needs a file.",
    "mixed": "Whether images and videos may be mixed.",
}

#: Parameters of paths and queries.
PARAMETERS = {
    "account_id": "The account's id, as GET /accounts lists it.",
    "media_id": "The file's id.",
    "post_id": "The post's id.",
    "destination_id": "The destination's id, as the post's results list it.",
    "limit": "How many items to list.",
    "offset": "How many items to leave out before them.",
    "created_after": "Created at this time or later.",
    "created_before": "Created before this time.",
    "scheduled_after": "Scheduled for this time or later.",
    "scheduled_before": "Scheduled for a time before this one.",
    "published_before": "Published before this time.",
    "updated_after": "Changed at this time or later.",
    "type": "Only files of this kind.",
    "status": "Only files with this status.",
    "order": "`desc`: newest first; `asc`: oldest first.",
}


def add(document: Json) -> None:
    """Describe every field and parameter that is not described yet."""
    for name, schema in document["components"]["schemas"].items():
        for field, shape in schema.get("properties", {}).items():
            if not shape.get("description"):
                text = FIELDS.get(f"{name}.{field}", FIELDS.get(field, ""))
                schema["properties"][field] = _described(shape, text)
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if not parameter.get("description"):
                    parameter["description"] = PARAMETERS.get(parameter["name"], "")


def _described(shape: Json, text: str) -> Json:
    if "$ref" in shape:  # OpenAPI 3.0 ignores what stands beside it
        return {"allOf": [shape], "description": text}
    return {**shape, "description": text}
