"""Why a request is refused, in the words of the API. How each word reads in HTTP: api/errors.py."""

from typing import Any, Literal

Code = Literal[
    "validation_error",
    "invalid_json",
    "content_too_long",
    "invalid_field_name",
    "past_schedule_time",
    "invalid_timezone",
    "invalid_accounts",
    "invalid_media",
    "post_creation_failed",
    "bulk_limit_exceeded",
    "missing_filter",
    "unauthorized",
    "insufficient_scope",
    "storage_quota_exceeded",
    "not_found",
    "method_not_allowed",
    "conflict",
    "post_already_published",
    "media_in_use",
    "upload_incomplete",
    "key_limit_reached",
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
    """Nothing was changed, and the caller is told why. `details` may be shown to the caller."""

    #: When the same request may succeed; None: not by waiting.
    retry_after_seconds: int | None = None

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def try_again(message: str, seconds: int) -> RequestRefused:
    """Nothing is wrong with the request; it may succeed after this many seconds."""
    refused = RequestRefused("service_unavailable", message)
    refused.retry_after_seconds = seconds
    return refused


def invalid(field: str, message: str) -> RequestRefused:
    """One field of a request is wrong."""
    return RequestRefused(
        "validation_error",
        f"{field}: {message}",
        validation_errors=[{"field": field, "message": message}],
    )
