"""Errors as agents read them: our stable code, who must act, and which tool comes next."""

from collections.abc import Mapping
from typing import Any, Literal

from posts.api.serializers import error_codes
from posts.errors import Code
from posts.mcp import catalogue

Actor = Literal["you", "key_owner", "operator", "wait"]
CORRECT = "Correct the arguments as the message says, then call {tool} again."
REPEAT = (
    "Call {tool} again with the same arguments after {seconds} s; if the first call did arrive, "
    "nothing is done twice."
)
#: Who can make the next call succeed, and how, where agents need other words than programs.
ADVICE: dict[Code, tuple[Actor, str]] = {
    "validation_error": ("you", CORRECT),
    "invalid_accounts": ("you", "Call list_accounts and use the ids it shows."),
    "invalid_media": (
        "you",
        (
            "Call get_media for each id: one may still be uploading, or have failed. Import it "
            "again with import_media_from_url if it failed."
        ),
    ),
    "invalid_campaign": ("you", "Call list_campaigns and use the id of an active one."),
    "content_too_long": (
        "you",
        (
            "Shorten the text, or give a shorter one for that network in platform_content; "
            "get_platform_rules has each limit. validate_post checks without publishing."
        ),
    ),
    "post_creation_failed": (
        "you",
        "Change what details names; validate_post checks the post without publishing.",
    ),
    "past_schedule_time": ("you", "Give a later scheduled_at, or publish now with create_post."),
    "unauthorized": ("key_owner", "Do not repeat it: ask for a new API key for this connection."),
    "insufficient_scope": (
        "key_owner",
        "Do not repeat it: this needs a key with more rights, which the workspace's owner makes.",
    ),
    "own_post": (
        "key_owner",
        "Do not repeat it: someone else must approve the post, a person or a key of their own.",
    ),
    "insufficient_credits": ("operator", "Do not repeat it until there are credits again."),
    "not_found": ("you", "Check the id; this key sees what these list: {lists}."),
    "conflict": (
        "you",
        (
            "Call get_post or get_results to see its present state, or get_approval if it is about "
            "that, then decide."
        ),
    ),
    "post_already_published": (
        "you",
        (
            "It is public. To take it off its networks too, call delete_post with "
            "delete_on_platforms; ask first."
        ),
    ),
    "idempotency_key_reused": ("you", "Use a new idempotency_key for a different call."),
    "storage_quota_exceeded": ("key_owner", "Files must be deleted, or the quota raised, first."),
    "storage_full": ("operator", "This installation has no room for files; its operator must act."),
    "account_limit_reached": ("key_owner", "An account must be removed, or the limit raised."),
    "campaign_limit_reached": ("key_owner", "Use a campaign of list_campaigns instead."),
    "rate_limit_exceeded": ("wait", REPEAT),
    "service_unavailable": ("wait", REPEAT),
    "request_timeout": ("wait", REPEAT),
    "internal_error": ("wait", REPEAT),
}
#: How long to wait when the API does not say.
USUAL_WAIT_SECONDS = 5


def told(
    tool: str, error: Mapping[str, Any], retry_after_seconds: int | None = None
) -> dict[str, Any]:
    """The API's `error` with what an agent needs beside it."""
    actor, step = ADVICE.get(error["code"]) or _general_advice(error["code"])
    if error["code"] == "conflict" and retry_after_seconds:
        actor, step = "wait", REPEAT
    seconds = retry_after_seconds or (USUAL_WAIT_SECONDS if actor == "wait" else None)
    found = {
        "error": dict(error),
        "who_must_act": actor,
        "next_step": step.format(tool=tool, seconds=seconds, lists=_lists()),
    }
    return found | ({"retry_after": seconds} if seconds else {})


def _general_advice(code: Code) -> tuple[Actor, str]:
    explained = error_codes.REQUESTS.get(code)
    if explained is None:
        return "you", CORRECT
    if explained.actor == "operator":
        return "operator", f"Do not repeat it. For the operator: {explained.to_do}"
    if explained.actor == "nobody":
        return "wait", REPEAT
    return "you", f"{explained.to_do} Then call {{tool}} again."


def _lists() -> str:
    """Return the names of the tools that list what a key sees, whichever features exist."""
    schemas = {name: each.listed.input_schema for name, each in catalogue.tools().items()}
    return ", ".join(
        name
        for name, schema in schemas.items()
        if name.startswith("list_") and not schema["required"]
    )
