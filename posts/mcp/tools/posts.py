"""Tools that make posts and change them."""

from platforms.registry import ADAPTERS
from posts import content
from posts.mcp import next_steps
from posts.mcp.schemas import Json
from posts.mcp.tools.tool import ONCE, Tool

#: In full it is 11 KB in each of seven tools, which an agent would read before its first call.
PLATFORM_CONTENT: Json = {
    "type": "object",
    "description": (
        "What differs on a network, by its name. `settings` are its options, of get_platform_rules."
    ),
    "propertyNames": {"enum": list(ADAPTERS)},
    "additionalProperties": {
        "type": "object",
        "properties": {"content": {"type": "string"}, "settings": {"type": "object"}},
        "additionalProperties": False,
    },
}
SHORTEN_LINKS: Json = {
    "type": "boolean",
    "description": "Whether links get short addresses; absent: as the link settings say.",
}
HASHTAG_SETS: Json = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Ids of list_hashtag_sets, whose hashtags are added.",
}
SCHEMAS = {
    "platform_content": PLATFORM_CONTENT,
    "shorten_links": SHORTEN_LINKS,
    "hashtag_set_ids": HASHTAG_SETS,
}
CONTENT = content.names("tools")
QUEUE = ("use_queue", "queue_id", "priority")

VALIDATE_POST = Tool(
    name="validate_post",
    title="Validate a post",
    operation="validate_post",
    description=(
        "Check what each network would refuse of a post before it is made: text, files, options "
        "and the account's health. Stores and publishes nothing."
    ),
    takes=(*CONTENT, "scheduled_at", "timezone"),
    schemas=SCHEMAS,
    required=("content", "account_ids"),
    reads=True,
    next_step=next_steps.of_validated,
)
PREVIEW_POST = Tool(
    name="preview_post",
    title="Preview a post",
    operation="preview_post",
    description=(
        "Show how each network would show a post: where its feed cuts the text, how it frames "
        "files, link cards. Also finds what validate_post finds. Stores and publishes nothing."
    ),
    takes=(*CONTENT, "scheduled_at", "timezone"),
    schemas=SCHEMAS,
    required=("content", "account_ids"),
    reads=True,
    next_step=next_steps.of_validated,
)
CREATE_POST = Tool(
    name="create_post",
    title="Publish a post now",
    operation="create_post",
    description=(
        "Publish a post now to each account of account_ids (ids of list_accounts). Only what the "
        "user has agreed to: it is public within seconds. Answers at once with a post_id, before "
        "the networks have it: poll get_results. " + ONCE
    ),
    takes=CONTENT,
    schemas=SCHEMAS,
    required=("content", "account_ids"),
    fixed={"publish_now": True},
    open_world=True,
    makes=True,
    next_step=next_steps.of_created,
)
SCHEDULE_POST = Tool(
    name="schedule_post",
    title="Schedule a post",
    operation="create_post",
    description=(
        "Make a post that is published at scheduled_at, or in the next free slot of a posting "
        "queue with use_queue: true (get_next_slot says which that is). One of the two is needed. "
        "With recurrence it comes again by that rule, from scheduled_at on. update_post changes it "
        "and delete_post cancels it until it begins. " + ONCE
    ),
    takes=(*CONTENT, "scheduled_at", "timezone", *QUEUE, "recurrence"),
    schemas=SCHEMAS,
    required=("content", "account_ids"),
    one_of=("scheduled_at", "use_queue"),
    open_world=True,
    makes=True,
    next_step=next_steps.of_scheduled,
)
CREATE_DRAFT = Tool(
    name="create_draft",
    title="Save a draft",
    operation="create_post",
    description=(
        "Keep a post as a draft, which is not published until publish_draft says when. It may have "
        "no accounts yet. " + ONCE
    ),
    takes=(*CONTENT, "timezone"),
    schemas=SCHEMAS,
    required=("content",),
    fixed={"draft": True},
    makes=True,
    next_step=next_steps.of_draft,
)
PUBLISH_DRAFT = Tool(
    name="publish_draft",
    title="Publish or schedule a draft",
    operation="schedule_post",
    description=(
        "Publish a draft: now with publish_now: true, at scheduled_at, or in the next free slot of "
        "a posting queue with use_queue: true. A draft can be published once: the same call again "
        "is a conflict and publishes nothing."
    ),
    takes=("post_id", "publish_now", "scheduled_at", "timezone", *QUEUE, "account_ids"),
    one_of=("publish_now", "scheduled_at", "use_queue"),
    open_world=True,
    next_step=next_steps.of_published_draft,
)
MAKING = (
    VALIDATE_POST,
    PREVIEW_POST,
    CREATE_POST,
    SCHEDULE_POST,
    CREATE_DRAFT,
    PUBLISH_DRAFT,
)

UPDATE_POST = Tool(
    name="update_post",
    title="Change a post",
    operation="edit_post",
    description=(
        "Change a scheduled post or a draft: only the fields given, each replaced as a whole. A "
        "post that has begun cannot be changed."
    ),
    takes=("post_id", *CONTENT, "scheduled_at", "timezone"),
    schemas=SCHEMAS,
    destructive=True,
    idempotent=True,
    open_world=True,
)
DELETE_POST = Tool(
    name="delete_post",
    title="Cancel or delete a post",
    operation="delete_post",
    description=(
        "Delete a draft, or cancel a scheduled post, for good. A post that is public somewhere is "
        "deleted only with delete_on_platforms, which also takes the public copies off those "
        "networks: ask the user before you do. A copy that is still `deleting` in the answer takes "
        "longer: the same call again tells the outcome. If an answer was lost, not_found says that "
        "the post is gone."
    ),
    takes=("post_id", "delete_on_platforms"),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_deleted,
)
RETRY_POST = Tool(
    name="retry_post",
    title="Retry failed destinations",
    operation="retry_post",
    description=(
        "Publish failed destinations of a post again. seen_attempts has the destinations to retry, "
        "by id, each with the `attempts` that get_results showed: one that was tried since is "
        "skipped, so the same call again sends nothing twice. A destination that may be live is "
        "skipped too, unless confirm_not_published is true: say so only after a look at the "
        "account itself. meta.skipped names what was skipped."
    ),
    takes=("post_id", "seen_attempts", "confirm_not_published"),
    required=("seen_attempts",),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_retried,
)
RESOLVE_DESTINATION = Tool(
    name="resolve_destination",
    title="Say whether a destination was published",
    operation="resolve_destination",
    description=(
        "For a failed destination that may be live: record what a look at the account itself "
        "showed. outcome published needs platform_post_url, which the network is asked about; "
        "after not_published it can be retried. seen_attempts is its `attempts` of get_results. "
        "Never guess: a wrong not_published leads to a second public post."
    ),
    takes=(
        "post_id",
        "destination_id",
        "outcome",
        "seen_attempts",
        "platform_post_url",
        "platform_post_id",
        "published_at",
    ),
    required=("outcome", "seen_attempts"),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_resolved,
)
CHANGING = (UPDATE_POST, DELETE_POST, RETRY_POST, RESOLVE_DESTINATION)
