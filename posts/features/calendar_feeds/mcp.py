"""A tool for calendars that show posts."""

import uuid
from collections.abc import Mapping
from typing import Any

from posts.features.calendar_feeds.models import CalendarFeed
from posts.mcp import next_steps
from posts.mcp.tools.tool import ONCE, Tool


def version_of(workspace_id: uuid.UUID, data: Mapping[str, Any]) -> str:
    """Return which address a feed has that POST /calendar-feeds returned; blank if it is gone."""
    found = CalendarFeed.objects.filter(
        workspace=workspace_id, pk=data["id"], revoked_at__isnull=True
    ).first()
    return found.digest if found else ""


CREATE_CALENDAR_FEED = Tool(
    name="create_calendar_feed",
    title="Make a calendar of posts",
    operation="create_calendar_feed",
    description=(
        "Make a secret address at which a calendar program reads the posts that have a time. The "
        "address is in this answer alone, and opens the calendar to all who have it: hand it to "
        "the user only. " + ONCE
    ),
    takes=("name", "status", "platform", "account_id", "campaign_id"),
    required=("name",),
    makes=True,
    version_of=version_of,
    next_step=next_steps.of_calendar_feed,
)
TOOLS = (CREATE_CALENDAR_FEED,)
