"""Tools for feeds that posts are made of."""

import uuid
from collections.abc import Mapping
from typing import Any

from posts.api.idempotency import versions
from posts.features.feeds.models import Feed
from posts.mcp import next_steps
from posts.mcp.tools.tool import ONCE, Tool


def version_of(workspace_id: uuid.UUID, data: Mapping[str, Any]) -> str:
    """Return when the feed that POST /feeds answered with last changed; blank if it is gone."""
    return versions.of_row(Feed.objects.filter(workspace=workspace_id), data)


FIELDS = (
    "name",
    "url",
    "account_ids",
    "mode",
    "template",
    "include_words",
    "exclude_words",
    "publish_delay_minutes",
    "require_approval",
    "campaign_id",
    "enabled",
)

LIST_FEEDS = Tool(
    name="list_feeds",
    title="List feeds",
    operation="list_feeds",
    description=(
        "List the RSS and Atom feeds whose new items become posts, newest first, each with what is "
        "wrong with it."
    ),
    takes=("limit", "offset"),
    reads=True,
)
CREATE_FEED = Tool(
    name="create_feed",
    title="Make posts of a feed",
    operation="create_feed",
    description=(
        "Make a post of each new item of an RSS or Atom feed: a draft, unless mode says that it is "
        "published by itself, which the user must have agreed to. What the feed has now is not "
        "posted. " + ONCE
    ),
    takes=FIELDS,
    required=("name", "url", "account_ids"),
    open_world=True,
    makes=True,
    version_of=version_of,
    next_step=next_steps.of_feed,
)
UPDATE_FEED = Tool(
    name="update_feed",
    title="Change a feed",
    operation="edit_feed",
    description=(
        "Change a feed, or switch it off or on with enabled: only the fields given, each replaced "
        "as a whole. Posts that were made stay as they are."
    ),
    takes=("feed_id", *FIELDS),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_feed,
)
DELETE_FEED = Tool(
    name="delete_feed",
    title="Delete a feed",
    operation="delete_feed",
    description=(
        "Delete a feed for good; its posts stay. If an answer was lost, not_found says that the "
        "feed is gone."
    ),
    takes=("feed_id",),
    destructive=True,
    idempotent=True,
)
TOOLS = (LIST_FEEDS, CREATE_FEED, UPDATE_FEED, DELETE_FEED)
