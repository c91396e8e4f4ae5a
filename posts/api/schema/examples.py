"""The values that the examples of the OpenAPI document show; `example_maker` puts them together."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from posts.errors import Code

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"

AHEAD = "2030-03-15T14:00:00Z"
MOMENT = "2026-03-15T14:00:00Z"
FILE = "3f2b8c1e-5d4a-4e6f-9b7a-0c1d2e3f4a5b"
OWN = "https://dovecote.example"
FETCHED = "https://files.example/loft.jpg"
META: Json = {"request_id": "req_abc123def456", "timestamp": MOMENT}

#: The value of a field in every example.
WORDS: dict[str, Any] = {
    "account_ids": [1, 2, 3],
    "account_name": "@acme",
    "accounts_count": 3,
    "alt_texts": {FILE: "An evening sky over hills"},
    "aspect_ratio": 1.7778,
    "can_post": True,
    "content": "Our new loft is open.",
    "content_type": "image/jpeg",
    "created_at": "2026-03-14T09:30:00Z",
    "deleted": True,
    "move": "succeed",
    "next_step": "Attach it to posts by its id, in media_ids.",
    "source_url": FETCHED,
    "by": "worker",
    "at": "2026-03-15T14:00:02Z",
    "from_status": "publishing",
    "to_status": "published",
    "destination_id": "dest_001",
    "errors": [],
    "expires_at": "2026-03-15T14:10:00Z",
    "expires_in": 900,
    "file_size": 482133,
    "filename": "loft.jpg",
    "height": 1080,
    "is_active": True,
    "key_prefix": "pe_live_4f3c",
    "limit": 20,
    "max_size": 20971520,
    "media_status": "ready",
    "media_ids": [FILE],
    "message": "Post scheduled for 3 accounts",
    "method": "PUT",
    "mime_type": "image/jpeg",
    "new_status": "queued",
    "notes": [],
    "offset": 0,
    "orientation": "landscape",
    "original_name": "loft.jpg",
    "platform": "x",
    "platform_account_id": "1578",
    "platform_content": {"x": {"content": "Our new loft is open!"}},
    "platform_post_id": "1834567890123456789",
    "platform_post_url": "https://x.com/acme/status/1834567890123456789",
    "post_id": "post_8f3k2j1",
    "protocol": "https",
    "provider": "local",
    "post_ids": ["post_8f3k2j1"],
    "published_at": "2026-03-15T14:00:02Z",
    "reasons": [],
    "request_id": META["request_id"],
    "scheduled_at": AHEAD,
    "scheduled_for": AHEAD,
    "scopes": ["read", "write"],
    "seen_attempts": {"dest_001": 1},
    "size": 482133,
    "status": "published",
    "timezone": "UTC",
    "updated_at": "2026-03-15T14:00:02Z",
    "valid": True,
    "warnings": [],
    "upload_url": f"{OWN}/uploads/eyJtIjoiM2YyYjhjMWUi",
    "url": f"{OWN}/media/3f2b8c1e.jpg",
    "width": 1920,
    # Where the name alone is ambiguous
    "ImportMedia.url": FETCHED,
    "ScheduledDestination.status": "queued",
    "RetriedFailed.message": "Retrying 1 destination.",
    "EventAttempt.sent_at": "2026-03-15T14:00:01Z",
    "EventAttempt.answered_at": "2026-03-15T14:00:02Z",
    "EventAttempt.finished_at": "2026-03-15T14:00:02Z",
    "EventAttempt.outcome": "published",
    "EventAttempt.http_status": 201,
    "Deleted.id": "post_8f3k2j1",
    "EditedPost.id": "post_8f3k2j1",
    "ListedPost.id": "post_8f3k2j1",
    "DetailedPost.id": "post_8f3k2j1",
    "ListedDestination.id": "dest_001",
    "DetailedDestination.id": "dest_001",
    "Result.id": "dest_001",
    "RequeuedDestination.id": "dest_001",
    "Link.url": f"{OWN}/connect/8Hq2vWc1",
    "CreatedPost.status": "scheduled",
    "EditedPost.status": "scheduled",
    "Organization.subscription_plan": "self_hosted",
    "Organization.subscription_status": "active",
    "CompletedMedia.status": "ready",
    "MediaItem.status": "ready",
    "Key.name": "My program",
    "Organization.entitled": True,
    "PlatformRule.name": "X",
    "PlatformRule.characterLimit": 280,
    "PlatformRule.characterUnit": "weighted characters",
    "PlatformRule.contentTypes": [],
    "PlatformRule.features": ["threads", "alt_text"],
    "PlatformRule.mediaByContentType": {},
    "CompletedMedia.message": "The file is ready; attach it to posts by its id.",
}
#: Fields that example bodies leave out: aliases, and those that are rarely used.
UNSAID = {
    "scheduled_for",
    "publish_now",
    "file_size",
    "platforms",
    "width",
    "height",
    "duration",
    "login",
}
REFUSALS: dict[str, str] = {
    "validation_error": "content: This field is required.",
    "invalid_json": "The body is not valid JSON in UTF-8.",
    "content_too_long": "The text has 300 characters; X takes 280.",
    "invalid_field_name": "There is no field 'media'; files are named in media_ids.",
    "past_schedule_time": "scheduled_at must be in the future.",
    "unauthorized": "This API key is malformed, unknown, revoked or expired.",
    "insufficient_scope": "This needs a key with the scope write.",
    "storage_quota_exceeded": "The files of this workspace use all of its storage.",
    "bulk_limit_exceeded": "One call creates at most 50 posts.",
    "missing_filter": "Send at least one filter.",
    "idempotency_key_reused": "This Idempotency-Key was used for a different request.",
    "storage_full": "This installation has no storage left for files; its operator must free some.",
    "not_found": "There is no such post.",
    "internal_error": "An internal error occurred.",
    "service_unavailable": "Try again in a moment.",
}


def refusal(code: Code, *, retryable: bool) -> Json:
    """An answer that refuses with this code."""
    said = REFUSALS.get(code, f"{code.replace('_', ' ').capitalize()}.")
    error = {"message": said, "code": code, "retryable": retryable}
    return {"data": None, "error": error, "meta": META}


_MADE = {
    "post_id": "post_8f3k2j1",
    "status": "scheduled",
    "scheduled_for": AHEAD,
    "accounts_count": 3,
    "message": "Post scheduled for 3 accounts",
}
_REFUSED = {
    "code": "invalid_accounts",
    "message": "There is no such account: 4.",
    "status": 400,
    "details": {"account_ids": [4]},
}


def _bulk_example(name: str, status: int, *each_ok: bool) -> OpenApiExample:
    results = [
        {"index": index, "ok": ok, **({"post": _MADE} if ok else {"error": _REFUSED})}
        for index, ok in enumerate(each_ok)
    ]
    made = sum(each_ok)
    summary = {"total": len(each_ok), "succeeded": made, "failed": len(each_ok) - made}
    error = {} if made else {"error": None}
    value = {"data": {"summary": summary, "results": results}, **error, "meta": META}
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


#: POST /posts/bulk: all posts were made, some, none.
BULK = [
    _bulk_example("all_made", 201, True),
    _bulk_example("some_made", 207, True, False),
    _bulk_example("none_made", 422, False),
]
