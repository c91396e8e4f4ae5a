"""Arguments with which each tool does something, on what `make_world` has made."""

from typing import Any

from destinations import public_ids
from destinations.models import Destination
from posts.mcp import catalogue

FUTURE = "2099-03-15T14:00:00Z"


def arguments(world: dict[str, str]) -> dict[str, dict[str, Any]]:
    """By tool; ids are those of the world. Tools that are not named here need no arguments."""
    account, seen = int(world["account_id"]), {world["destination_id"]: 1}
    content = {"content": "Hello", "account_ids": [account]}
    file = {"format": "csv", "text": f"content,account_ids,scheduled_at\nHi,{account},{FUTURE}\n"}
    feed = {"name": "Blog", "url": "https://blog.example/feed.xml"}
    return {name: {} for name in catalogue.tools()} | {
        "get_account_health": {"account_id": account},
        "get_reconnect_link": {"account_id": account},
        "get_platform_rules": {"platform": "x"},
        "validate_post": content,
        "preview_post": content,
        "create_post": content,
        "schedule_post": {**content, "scheduled_at": FUTURE},
        "create_draft": {"content": "Hello"},
        "publish_draft": {"post_id": world["draft_id"], "scheduled_at": FUTURE},
        "list_posts": {"limit": 1, "platform": "x"},
        "get_post": {"post_id": world["post_id"]},
        "get_results": {"post_id": world["post_id"]},
        "list_post_links": {"post_id": world["post_id"]},
        "get_analytics_summary": {"period": "week"},
        "update_post": {"post_id": world["draft_id"], "content": "Changed"},
        "delete_post": {"post_id": world["draft_id"]},
        "retry_post": {"post_id": world["post_id"], "seen_attempts": seen},
        "resolve_destination": {
            "post_id": world["post_id"],
            "destination_id": world["destination_id"],
            "outcome": "not_published",
            "seen_attempts": 1,
        },
        "request_approval": {"post_id": world["waiting_id"], "message": "Please look."},
        "get_approval": {"post_id": world["waiting_id"]},
        "decide_approval": {
            "post_id": world["waiting_id"],
            "decision": "reject",
            "revision": world["revision"],
            "comment": "Not this week.",
        },
        "get_recurrence": {"recurrence_id": world["recurrence_id"]},
        "update_recurrence": {"recurrence_id": world["recurrence_id"], "content": "Changed"},
        "set_recurrence_state": {"recurrence_id": world["recurrence_id"], "state": "paused"},
        "delete_recurrence": {"recurrence_id": world["recurrence_id"], "keep_edited": "true"},
        "update_recycling": {"post_id": world["post_id"], "gap": 3},
        "import_media_from_url": {"url": "https://files.example/a.jpg"},
        "get_media": {"media_id": world["media_id"]},
        "create_campaign": {"name": "Spring"},
        "get_next_slot": {"queue_id": world["queue_id"]},
        "validate_import": file,
        "import_posts": file,
        "get_import": {"import_id": world["import_id"]},
        "create_feed": {**feed, "account_ids": [account]},
        "update_feed": {"feed_id": world["feed_id"], "enabled": True},
        "delete_feed": {"feed_id": world["feed_id"]},
        "create_calendar_feed": {"name": "Plan"},
    }


def may_be_live(destination_id: str) -> None:
    """The destination was tried once, without an answer."""
    Destination.objects.filter(pk=public_ids.decode(public_ids.DESTINATION, destination_id)).update(
        status="failed", attempts=1, error="May be live.", error_code="outcome_unknown"
    )
