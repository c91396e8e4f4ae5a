"""Explain each code of the API's errors once: for the documents, the guide, clients and agents."""

from collections.abc import Mapping
from typing import Any

from platforms.errors import Actor, Code
from posts import errors

#: How `actor` is written in answers and documents.
ACTORS: dict[Actor, str] = {
    "customer": "customer",
    "account owner": "account_owner",
    "operator": "operator",
    "nobody": "nobody",
}
#: Who can make the next request succeed, and how.
REQUESTS: dict[errors.Code, Code] = {
    "validation_error": Code(
        "customer", "Correct what the message names; `details.validation_errors` has every field."
    ),
    "invalid_json": Code("customer", "Send a body of valid JSON in UTF-8."),
    "content_too_long": Code(
        "customer", "Shorten the text, or give that network a shorter one in `platform_content`."
    ),
    "invalid_field_name": Code("customer", "Use the field that the message names."),
    "past_schedule_time": Code("customer", "Give a time in the future, or none to publish now."),
    "invalid_timezone": Code("customer", "Give an IANA name such as `Europe/Berlin`."),
    "invalid_accounts": Code("customer", "Use ids of `GET /accounts`."),
    "invalid_media": Code(
        "customer", "Use ids of files that are `ready`; upload again those that failed."
    ),
    "invalid_campaign": Code("customer", "Use the id of an active campaign of `GET /campaigns`."),
    "unsupported_platform": Code(
        "customer", "Choose a network, or a way to connect, that the message names."
    ),
    "invalid_webhook_url": Code("customer", "Give a public https address."),
    "post_creation_failed": Code(
        "customer", "Change what `details.validation_errors` names for each account."
    ),
    "bulk_limit_exceeded": Code("customer", "Send fewer posts in one call."),
    "missing_filter": Code("customer", "Send at least one filter."),
    "unauthorized": Code("customer", "Send a valid API key; ask the operator for one."),
    "insufficient_credits": Code("operator", "Raise the workspace's AI credits of a month."),
    "insufficient_scope": Code("operator", "Make a key that may do what the message names."),
    "own_post": Code("customer", "Have a person, or another key, approve the post."),
    "storage_quota_exceeded": Code("customer", "Delete files, or ask the operator for storage."),
    "not_found": Code("customer", "Check the id, and whether this key may see it."),
    "method_not_allowed": Code("customer", "Use a method of the header `Allow`."),
    "request_timeout": Code("nobody", "Send the request again; its body came too slowly."),
    "conflict": Code(
        "customer", "Read its state, then decide. With `Retry-After`, wait and send it again."
    ),
    "post_already_published": Code(
        "customer", "Name its networks in `delete_on_platforms` to delete it there too."
    ),
    "media_in_use": Code(
        "customer", "Take it out of the posts that use it, or delete it with `force=true`."
    ),
    "queue_full": Code("customer", "Give the queue more slots, or the post a time."),
    "upload_incomplete": Code("customer", "Send the bytes of the file, then complete the upload."),
    "account_limit_reached": Code(
        "customer", "Remove an account, or ask the operator for a higher limit."
    ),
    "key_limit_reached": Code("operator", "Revoke keys that are not used."),
    "campaign_limit_reached": Code("customer", "Delete a campaign."),
    "webhook_limit_reached": Code("customer", "Delete a webhook."),
    "recurrence_limit_reached": Code("customer", "Delete a recurrence."),
    "recycling_limit_reached": Code("customer", "End the recycling of a post of the account."),
    "length_required": Code("customer", "Send a `Content-Length`."),
    "file_too_large": Code("customer", "Send a smaller file or body."),
    "uri_too_long": Code("customer", "Send a shorter address."),
    "unsupported_media_type": Code(
        "customer", "Send JSON, or a type of file that the message names."
    ),
    "idempotency_key_reused": Code(
        "customer", "Use a new `Idempotency-Key` for a different request."
    ),
    "rate_limit_exceeded": Code("nobody", "Send it again after `Retry-After` seconds."),
    "headers_too_large": Code("customer", "Send shorter headers."),
    "internal_error": Code("operator", "Send it again; report it with the request id if it stays."),
    "not_implemented": Code("customer", "Send the body with a `Content-Length`, or chunked."),
    "service_unavailable": Code(
        "nobody", "Send it again in a moment. `details.setting`: the operator must set it first."
    ),
    "storage_full": Code("operator", "Free storage of the installation."),
}


def listed(codes: Mapping[Any, Code]) -> str:
    """Return the codes as a Markdown list: who acts, and what to do."""
    return "\n".join(
        f"- `{name}` ({ACTORS[code.actor]}): {code.to_do}" for name, code in codes.items()
    )


def extension(codes: Mapping[Any, Code]) -> dict[str, Any]:
    """Return the codes as generators of clients read them."""
    return {
        "x-codes": {
            name: {"actor": ACTORS[code.actor], "to_do": code.to_do} for name, code in codes.items()
        }
    }
