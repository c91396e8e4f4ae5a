"""Errors of requests, with the codes of the API. api/errors.py turns them into HTTP responses."""

from typing import Any, Literal, TypeVar

Found = TypeVar("Found")

Code = Literal[
    "validation_error",
    "invalid_json",
    "content_too_long",
    "invalid_field_name",
    "past_schedule_time",
    "invalid_timezone",
    "invalid_accounts",
    "invalid_media",
    "invalid_campaign",
    "unsupported_platform",
    "invalid_webhook_url",
    "post_creation_failed",
    "bulk_limit_exceeded",
    "missing_filter",
    "unauthorized",
    "insufficient_credits",
    "insufficient_scope",
    "own_post",
    "storage_quota_exceeded",
    "not_found",
    "method_not_allowed",
    "conflict",
    "post_already_published",
    "media_in_use",
    "queue_full",
    "upload_incomplete",
    "account_limit_reached",
    "key_limit_reached",
    "campaign_limit_reached",
    "webhook_limit_reached",
    "recurrence_limit_reached",
    "recycling_limit_reached",
    "idempotency_key_reused",
    "file_too_large",
    "unsupported_media_type",
    "request_timeout",
    "length_required",
    "uri_too_long",
    "headers_too_large",
    "not_implemented",
    "rate_limit_exceeded",
    "internal_error",
    "service_unavailable",
    "storage_full",
]


class RequestRefused(Exception):
    """The request is refused and changed nothing. Message and `details` are shown to the caller."""

    #: When the same request may succeed; None: waiting does not help.
    retry_after_seconds: int | None = None

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def try_again(message: str, seconds: int) -> RequestRefused:
    """The request is valid and may succeed after this many seconds."""
    refused = RequestRefused("service_unavailable", message)
    refused.retry_after_seconds = seconds
    return refused


def invalid(field: str, message: str) -> RequestRefused:
    """One field of the request is invalid."""
    return RequestRefused(
        "validation_error",
        f"{field}: {message}",
        validation_errors=[{"field": field, "message": message}],
    )


def known(found: Found | None, what: str) -> Found:
    """Return what was found. Raises RequestRefused if nothing was; `what`: the word for it."""
    if found is None:
        raise RequestRefused("not_found", f"There is no such {what}.")
    return found
