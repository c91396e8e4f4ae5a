"""Work out what a change of a post means for its approval.

What was approved is a version. An edit that makes another one of it returns the post
to the people who approve, and keeps what changed. Everything runs in the transaction of the edit,
which has locked destinations and post.

The approval of a new post is part of the statement that stores it. A workspace that requires
approval has a row for each post; all but drafts await it at once.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from destinations.models import Destination
from posts import content
from posts.composing.extensions.holds import Files, HeldChange, InsertionSql
from posts.composing.insertion import insert_sql
from posts.features.approval import record
from posts.features.approval.models import UNAPPROVED, Approval, ApprovalEvent
from posts.features.approval.record import Action, Actor
from posts.models import Post, Workspace
from posts.outbox import outbox

S = Approval.Status
REQUIRED = (
    Workspace.ApprovalMode.REQUIRED_INTERNAL,
    Workspace.ApprovalMode.REQUIRED_INTERNAL_AND_CLIENT,
)


NEEDS_APPROVAL = "The post needs approval; only who may approve posts can publish it now."

#: Text, media, accounts, time, and hashtags with the first comment of the workspace, if the post
#: took any. Campaign, metadata and the zone's name are not approved.
Version = dict[str, Any]


def version(post: Post, accounts: Iterable[int], files: Iterable[tuple[uuid.UUID, str]]) -> Version:
    """Return the post as it goes to these accounts with these files, each with its alt text."""
    at = post.scheduled_for
    added = post.hashtags and post.hashtags["added"]
    return {
        "content": post.content,
        "platform_content": dict(post.platform_content),
        "media": [{"id": str(pk), "alt_text": text} for pk, text in files],
        "account_ids": sorted(accounts),
        "scheduled_for": at.isoformat() if at else None,
        **({"hashtags": added} if added else {}),
        **{name: said for name in content.plain("version") if (said := getattr(post, name))},
    }


def stored(post: Post, accounts: Iterable[int]) -> Version:
    """Return the version of a post with the files that it has now."""
    files = post.attachments.order_by("position").values_list("media_id", "alt_text")
    return version(post, accounts, files)


def revision(version: Mapping[str, Any], decision: int | None) -> str:
    """Return a short name of what a person decides about: a version, and the decision before it.

    `decision`: the last one of the post (`ApprovalEvent.id`); None: there was none.
    """
    text = json.dumps([version, decision], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changed: {field: {before, after}}."""
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in (*after, *(before.keys() - after.keys()))
        if before.get(name) != after.get(name)
    }


@dataclass(frozen=True, slots=True)
class Review(HeldChange):
    """The approval of a post that is being changed. `overrides`: the change needs none."""

    before: Version
    is_required: bool
    overrides: bool = False

    refusal = NEEDS_APPROVAL

    def end(
        self, post: Post, accounts: Iterable[int], files: Files, *, by: str, request_id: str
    ) -> None:
        """Decide whether the changed post awaits an approval, and let its status say so."""
        now, actor = post.updated_at, Actor(by, request_id)
        after = version(post, accounts, files)
        approval = Approval.objects.select_for_update().filter(post=post).first() or _new(post)
        changes = difference(self.before, after)
        if changes:
            record.write(post, Action.EDITED, actor, now, changes=changes)
            approval.edited_by = actor.by
        if self.overrides:
            _override(approval, post, after, actor, now)
        elif _is_asked_again(approval, post, self, changed=bool(changes)):
            record.ask(approval, post, actor, now)
        post.awaits_approval = approval.status in UNAPPROVED
        if post.awaits_approval and post.status == Post.Status.PUBLISHING:
            post.status = Post.Status.SCHEDULED
        approval.expires_at = record.expiry(post, now) if post.awaits_approval else None
        approval.save()


def begin(post: Post, rows: Iterable[Destination], *, overrides: bool) -> Review | None:
    """Return the approval of a post that was just locked; None if no person approves it."""
    is_required = post.approval_mode in REQUIRED
    if post.approval_status is None and not is_required:
        return None
    before = stored(post, [row.account_number for row in rows])
    return Review(before, is_required, overrides)


def _new(post: Post) -> Approval:
    """Return the approval of a post that is older than its workspace's rule."""
    created_by, edited_by = record.author_of(post.pk)
    return Approval(
        post=post,
        workspace_id=post.workspace_id,
        status=S.NONE,
        created_by=created_by,
        edited_by=edited_by,
    )


def _is_asked_again(approval: Approval, post: Post, review: Review, *, changed: bool) -> bool:
    """Return whether an edit asks again; of a rejected post a person must."""
    if approval.status == S.NONE:
        return review.is_required and post.status != Post.Status.DRAFT
    is_answer = approval.status == S.CHANGES_REQUESTED
    return changed and (is_answer or record.is_approved_in_part(approval))


def _override(approval: Approval, post: Post, after: Version, actor: Actor, now: datetime) -> None:
    approval.status = S.APPROVED
    approval.approved = after
    approval.decided_at, approval.by, approval.comment = now, actor.by, ""
    approval.remind_at = None
    record.write(post, Action.OVERRIDDEN, actor, now, stage=approval.stage)
    record.tell(post, Action.OVERRIDDEN, actor, stage=approval.stage)


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
def insertion_sql() -> InsertionSql:
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
