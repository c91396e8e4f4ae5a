"""Tools with which people's approval of a post is asked for, read and given."""

from posts.mcp import next_steps
from posts.mcp.tools.tool import Tool
from posts.models import ApiKey

DECISIONS = {
    "approve": "approve_post",
    "request_changes": "request_changes",
    "reject": "reject_post",
}

REQUEST_APPROVAL = Tool(
    name="request_approval",
    title="Ask for a post's approval",
    operation="request_approval",
    description=(
        "Ask people to approve a post. It is not published until they do, also if its time comes. "
        "Works where the workspace uses approval."
    ),
    takes=("post_id", "reviewers", "message"),
    next_step=next_steps.of_reviewed,
)
GET_APPROVAL = Tool(
    name="get_approval",
    title="Get a post's approval",
    operation="get_approval",
    description=(
        "Read where a post stands: its approval, what changed since the last one, and what was "
        "done and said, oldest first. Its revision is needed to decide."
    ),
    takes=("post_id", "limit", "offset"),
    reads=True,
    next_step=next_steps.of_approval,
)
DECIDE_APPROVAL = Tool(
    name="decide_approval",
    title="Approve a post, ask for changes, or reject it",
    operation="approve_post",
    description=(
        "Record a decision that the user made about a post; never decide for them. An approved "
        "post is published at its time, or at once if it has none. request_changes and reject need "
        "a comment that says why. revision is that of get_approval: a post that was changed since "
        "is not decided. The key that wrote a post cannot approve it."
    ),
    takes=("post_id", "revision", "comment"),
    required=("decision", "revision"),
    own={
        "decision": {
            "type": "string",
            "enum": list(DECISIONS),
            "description": "What was decided.",
        }
    },
    chosen_by="decision",
    operations=DECISIONS,
    destructive=True,
    open_world=True,
    next_step=next_steps.of_reviewed,
    scope=ApiKey.Scope.APPROVE,
)
TOOLS = (REQUEST_APPROVAL, GET_APPROVAL, DECIDE_APPROVAL)
