"""Tools for what a post needs: accounts, rules, files, campaigns and queues."""

from typing import Any

from platforms.registry import ADAPTERS
from posts.api.idempotency import versions
from posts.mcp import next_steps
from posts.mcp.schemas import Json
from posts.mcp.tools.tool import ONCE, Arguments, Tool

ACCOUNT_ID: Json = {"type": "integer", "description": "The account's id, of list_accounts."}


def _rules_of_platform(arguments: Arguments, answer: Json) -> Json:
    """All rules are 60 KB, which no agent wants to read."""
    wanted: Any = arguments["platform"]
    rules = answer["data"]["platforms"]
    return {
        **answer,
        "data": {"platforms": {name: rules[name] for name in rules if name == wanted}},
    }


GET_ME = Tool(
    name="get_me",
    title="Describe this key",
    operation="get_me",
    description="Describe the API key in use: its workspace, scopes and usage.",
    reads=True,
)
LIST_ACCOUNTS = Tool(
    name="list_accounts",
    title="List accounts",
    operation="list_accounts",
    description=(
        "List the social accounts that posts can go to, with their ids, networks and health. Begin "
        "here."
    ),
    reads=True,
    next_step=next_steps.of_accounts,
)
GET_ACCOUNT_HEALTH = Tool(
    name="get_account_health",
    title="Get an account's health",
    operation="get_account_health",
    description=(
        "Say whether an account can publish, why not, whether its owner must reconnect it, and "
        "what it did recently."
    ),
    takes=("account_id",),
    schemas={"account_id": ACCOUNT_ID},
    reads=True,
    next_step=next_steps.of_health,
)
GET_RECONNECT_LINK = Tool(
    name="get_reconnect_link",
    title="Get a link to reconnect an account",
    operation="reconnect_account",
    description=(
        "Make a link, valid for ten minutes, that the account's owner opens in a browser to "
        "reconnect it. Hand it to the user; do not open it yourself."
    ),
    takes=("account_id",),
    schemas={"account_id": ACCOUNT_ID},
    next_step=next_steps.of_reconnect_link,
)
GET_PLATFORM_RULES = Tool(
    name="get_platform_rules",
    title="Get a network's rules",
    operation="get_platform_rules",
    description=(
        "Read what a network accepts: length of texts, number, size and kind of files, and its "
        "options for platform_content. validate_post checks a post against all of it."
    ),
    own={
        "platform": {"type": "string", "enum": list(ADAPTERS), "description": "Which network."},
    },
    required=("platform",),
    shown=_rules_of_platform,
    reads=True,
)
ACCOUNTS = (GET_ME, LIST_ACCOUNTS, GET_ACCOUNT_HEALTH, GET_RECONNECT_LINK, GET_PLATFORM_RULES)

IMPORT_MEDIA_FROM_URL = Tool(
    name="import_media_from_url",
    title="Import a file from a URL",
    operation="upload_from_url",
    description=(
        "Import an image, video or document from a public URL, for media_ids of a post. What takes "
        "longer than a few seconds is `uploading` in the answer: poll get_media. " + ONCE
    ),
    takes=("url", "filename"),
    required=("url",),
    open_world=True,
    makes=True,
    version_of=versions.of_imported,
    next_step=next_steps.of_imported,
)
GET_MEDIA = Tool(
    name="get_media",
    title="Get a file",
    operation="get_media",
    description="Read one file: whether it is ready, uploading or failed, and why.",
    takes=("media_id",),
    reads=True,
    next_step=next_steps.of_media,
)
LIST_CAMPAIGNS = Tool(
    name="list_campaigns",
    title="List campaigns",
    operation="list_campaigns",
    description="List campaigns, which collect posts, newest first.",
    takes=("status", "limit", "offset"),
    reads=True,
)
CREATE_CAMPAIGN = Tool(
    name="create_campaign",
    title="Create a campaign",
    operation="create_campaign",
    description="Create a campaign; posts are put into it by campaign_id. " + ONCE,
    takes=("name", "description", "color"),
    required=("name",),
    makes=True,
    version_of=versions.of_campaign,
)
LIST_HASHTAG_SETS = Tool(
    name="list_hashtag_sets",
    title="List hashtag sets",
    operation="list_hashtag_sets",
    description="List hashtag sets, which posts take by hashtag_set_ids, with their hashtags.",
    takes=(),
    reads=True,
)
LIST_QUEUES = Tool(
    name="list_queues",
    title="List posting queues",
    operation="list_queues",
    description="List posting queues: weekly schedules whose free slots posts with use_queue get.",
    takes=("limit", "offset"),
    reads=True,
)
GET_NEXT_SLOT = Tool(
    name="get_next_slot",
    title="Get a queue's next free slot",
    operation="get_next_slot",
    description="Say when the next post with use_queue would be published by this queue.",
    takes=("queue_id",),
    reads=True,
)
THINGS = (
    IMPORT_MEDIA_FROM_URL,
    GET_MEDIA,
    LIST_CAMPAIGNS,
    CREATE_CAMPAIGN,
    LIST_HASHTAG_SETS,
    LIST_QUEUES,
    GET_NEXT_SLOT,
)
