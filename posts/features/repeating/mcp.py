"""Tools for posts that come again: by a rule, or recycled after they were published."""

from posts import content
from posts.mcp import next_steps
from posts.mcp.tools.posts import CONTENT, SCHEMAS
from posts.mcp.tools.tool import Tool

STATES = {"paused": "pause_recurrence", "active": "resume_recurrence"}
CHANGED = tuple(name for name in CONTENT if name in content.names("edit_series"))

LIST_RECURRENCES = Tool(
    name="list_recurrences",
    title="List recurrences",
    operation="list_recurrences",
    description=(
        "List the rules by which posts recur, newest first, each with its next occurrence and what "
        "is wrong. schedule_post makes one."
    ),
    takes=("limit", "offset"),
    reads=True,
)
GET_RECURRENCE = Tool(
    name="get_recurrence",
    title="Get a recurrence",
    operation="get_recurrence",
    description=(
        "Read one rule with its next and last occurrences. One occurrence alone is changed as the "
        "post that it is, with update_post or delete_post."
    ),
    takes=("recurrence_id",),
    reads=True,
)
UPDATE_RECURRENCE = Tool(
    name="update_recurrence",
    title="Change a recurrence",
    operation="edit_recurrence",
    description=(
        "Change a rule and its posts that lie ahead: only the fields given, each replaced as a "
        "whole. Posts that were edited singly, were deleted or have begun stay as they are."
    ),
    takes=("recurrence_id", *CHANGED, "recurrence", "scheduled_at"),
    schemas=SCHEMAS,
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_recurrence,
)
SET_RECURRENCE_STATE = Tool(
    name="set_recurrence_state",
    title="Pause or resume a recurrence",
    operation="pause_recurrence",
    description=(
        "Pause a rule: its posts ahead that were not edited are deleted, and none are made. Or "
        "make it active again, from now on."
    ),
    takes=("recurrence_id",),
    required=("state",),
    own={"state": {"type": "string", "enum": list(STATES), "description": "What it becomes."}},
    chosen_by="state",
    operations=STATES,
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_recurrence,
)
DELETE_RECURRENCE = Tool(
    name="delete_recurrence",
    title="Delete a recurrence",
    operation="delete_recurrence",
    description=(
        "Delete a rule for good, with those of its posts that have not begun, edited ones too "
        "unless keep_edited is true. What is published stays. If an answer was lost, not_found "
        "says that the rule is gone."
    ),
    takes=("recurrence_id", "keep_edited"),
    destructive=True,
    idempotent=True,
)
UPDATE_RECYCLING = Tool(
    name="update_recycling",
    title="Recycle a post",
    operation="edit_recycling",
    description=(
        "Publish a post again each so many weeks or months, or change or end that. Beginning it "
        "needs gap and gap_unit; enabled: false ends it. Works for a post that is scheduled or "
        "published, and answers when its next turn is."
    ),
    takes=(
        "post_id",
        "enabled",
        "gap",
        "gap_unit",
        "start_date",
        "expire_count",
        "expire_date",
        "content_variations",
    ),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_recycling,
)
TOOLS = (
    LIST_RECURRENCES,
    GET_RECURRENCE,
    UPDATE_RECURRENCE,
    SET_RECURRENCE_STATE,
    DELETE_RECURRENCE,
    UPDATE_RECYCLING,
)
