"""The approval of a new post, as parts of the statement that stores it.

A workspace that requires approval has a row for each post; all but drafts await it at once.
"""

from functools import cache

from posts.composing.holds import InsertionSql
from posts.composing.insertion import insert_sql
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.approval.state import record
from posts.features.approval.state.record import Action
from posts.outbox import outbox

NEEDS = "approval_mode LIKE 'required%%'"
AWAITS = f"{NEEDS} AND %(status)s <> 'draft'"
APPROVAL = {
    "post_id": "%(post)s::uuid",
    "workspace_id": "%(workspace)s::uuid",
    "status": "CASE WHEN awaits_approval THEN 'pending' ELSE 'none' END",
    "stage": "'internal'",
    "requested_at": "CASE WHEN awaits_approval THEN %(now)s::timestamptz END",
    "created_by": "%(by)s",
    "edited_by": "%(by)s",
    "expires_at": "CASE WHEN awaits_approval THEN %(expires_at)s::timestamptz END",
    "remind_at": "CASE WHEN awaits_approval THEN %(remind_at)s::timestamptz END",
}
ASKED = {
    "post_id": "%(post)s::uuid",
    "at": "%(now)s::timestamptz",
    "action": "'requested'",
    "stage": "'internal'",
    "by": "%(by)s",
    "changes": "'{}'::jsonb",
    "request_id": "%(request_id)s",
}
TOLD_ASKED = f"""
    INSERT INTO posts_webhookevent (workspace_id, event, created_at, data)
    SELECT %(workspace)s::uuid, '{record.EVENTS[Action.REQUESTED]}', %(now)s::timestamptz,
        json_build_object('post_id', %(post)s::uuid, 'by', %(by)s::text, 'comment', NULL,
            'stage', 'internal', 'metadata', %(metadata)s::json)::text
    FROM rule WHERE awaits_approval
        AND {outbox.HAS_WEBHOOK.format(workspace="%(workspace)s::uuid")}
    RETURNING 1
"""


@cache
def of_new() -> InsertionSql:
    return InsertionSql(
        waits=AWAITS,
        columns={"needs_approval": NEEDS, "awaits_approval": AWAITS},
        parts={
            "approval": insert_sql(Approval, APPROVAL, "rule WHERE needs_approval"),
            "asked": insert_sql(ApprovalEvent, ASKED, "rule WHERE awaits_approval"),
            "told_asked": TOLD_ASKED,
        },
        events=("told_asked",),
    )
