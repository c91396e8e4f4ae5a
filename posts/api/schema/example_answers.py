"""Whole answers that the OpenAPI document shows: refusals, and those of POST /posts/bulk."""

from drf_spectacular.utils import OpenApiExample

from posts.api.schema.examples import AHEAD, META, Json
from posts.errors import Code

REFUSALS: dict[str, str] = {
    "validation_error": "content: This field is required.",
    "invalid_json": "The body is not valid JSON in UTF-8.",
    "content_too_long": "The text has 300 characters; X takes 280.",
    "invalid_field_name": "There is no field 'media'; files are named in media_ids.",
    "past_schedule_time": "scheduled_at must be in the future.",
    "unauthorized": "This API key is malformed, unknown, revoked or expired.",
    "own_post": "The key that wrote the post cannot approve it.",
    "insufficient_scope": "This needs a key with the scope write.",
    "storage_quota_exceeded": "The files of this workspace use all of its storage.",
    "bulk_limit_exceeded": "One call creates at most 50 posts.",
    "invalid_webhook_url": "url: The URL must begin with https://.",
    "webhook_limit_reached": "The workspace has 25 webhooks, which is the most; delete one first.",
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
