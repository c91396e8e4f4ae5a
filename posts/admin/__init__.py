"""What operators see of workspaces, their keys and their posts, and what they may do to them."""

from posts.admin import (
    ai_use,
    api_key,
    calendar_feed,
    campaign,
    device_logins,
    feed,
    importing,
    links,
    media,
    oauth,
    post,
    posting_queue,
    repeating,
    requests,
    webhooks,
    workspace,
)

__all__ = [
    "ai_use",
    "api_key",
    "calendar_feed",
    "campaign",
    "device_logins",
    "feed",
    "importing",
    "links",
    "media",
    "oauth",
    "post",
    "posting_queue",
    "repeating",
    "requests",
    "webhooks",
    "workspace",
]
