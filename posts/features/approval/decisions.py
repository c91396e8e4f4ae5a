"""Ask people to approve a post, and decide on it: approve it, ask for changes, reject it.

A decision names the revision that its maker saw, so that it is about what they read.
Of two decisions at once, and of a decision and an edit, one waits for no other: it is refused.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from destinations.runtime import clock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import edits, hold, overdue, record, summary
from posts.features.approval.hold import Reviewed
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.approval.record import Action, Actor
from posts.models import Post, Workspace

S = Approval.Status
INTERNAL, CLIENT = Approval.Stage
TO_CLIENT = Workspace.ApprovalMode.REQUIRED_INTERNAL_AND_CLIENT
OWN = "The key that wrote the post cannot approve it; use another one with the scope approve."
CHANGED = "The post was changed since you looked; read the new version first."
DECIDED_SINCE = "Since you looked it was decided: {}. Read it before you decide."
DECIDED = "The post is approved already."
OTHER_STAGE = "The post waits for its {} approval now."
#: Of the decisions since the revision was seen, so many are named.
MOST_TOLD = 10
#: The most that is kept of what people say about one post.
MOST_COMMENTS = 500
UNUSED = "This workspace uses no approval; its operator can switch it on."
APPROVED = "This version of the post is approved already."
FULL = "The post has {} comments, which is the most."


@dataclass(frozen=True, slots=True)
class Judge:
    """The person who decides. `names`: all by which they may have written the post.

    `stage`: the one that they decide; None: whichever it is.
    """

    actor: Actor
    names: frozenset[str] = frozenset()
    stage: str | None = None
    #: Who sees the comment.
    visibility: str = ApprovalEvent.Visibility.INTERNAL


@dataclass(frozen=True, slots=True)
class ApprovalDecision:
    """`revision`: the version that was seen; blank: the one that there is now."""

    action: Action
    comment: str = ""
    revision: str = ""


@transaction.atomic
def decide(
    author: Author, post_id: uuid.UUID, judge: Judge, decision: ApprovalDecision
) -> Reviewed:
    """Record the decision, and hold or release the post. Raises RequestRefused."""
    found = hold.lock_reviewed(author, post_id)
    approval, now = found.asked, clock.now()
    hold.check_undecided(found)
    _check(found, approval, judge, decision)
    if overdue.is_late(approval, now):
        overdue.end_as_missed(found.post, approval, found.rows)
    was_approved = approval.status == S.APPROVED
    stage = approval.stage
    _write(found, approval, judge, decision, now)
    if approval.status == S.APPROVED:
        approval.approved, approval.expires_at = found.version, None
        hold.let_go(found, judge.actor, now)
    elif was_approved:
        hold.hold(found, judge.actor, now)
        approval.expires_at = record.expiry(found.post, now)
    hold.touch(found.post, now)
    approval.save()
    said = {"stage": stage, "text": decision.comment, "visibility": judge.visibility}
    record.write(found.post, decision.action, judge.actor, now, **said)
    record.tell(found.post, decision.action, judge.actor, stage=stage, comment=decision.comment)
    return found


def _check(found: Reviewed, approval: Approval, judge: Judge, decision: ApprovalDecision) -> None:
    """Raise RequestRefused."""
    if decision.revision and decision.revision != found.revision:
        raise RequestRefused("conflict", _meanwhile(found, decision), revision=found.revision)
    if decision.action != Action.APPROVED:
        return
    if judge.names & {approval.created_by, approval.edited_by}:
        raise RequestRefused("own_post", OWN)
    if approval.status == S.APPROVED:
        raise RequestRefused("conflict", DECIDED)
    if judge.stage is not None and judge.stage != approval.stage:
        raise RequestRefused("conflict", OTHER_STAGE.format(approval.stage))


def _meanwhile(found: Reviewed, decision: ApprovalDecision) -> str:
    """Say what happened since the revision was seen: decisions, or an edit."""
    events = list(summary.decisions(found.post)[:MOST_TOLD])
    seen = [*(event.pk for event in events[1:]), *([None] if len(events) < MOST_TOLD else [])]
    for count, pk in enumerate(seen, start=1):
        if edits.revision(found.version, pk) == decision.revision:
            told = ", then ".join(_told(event) for event in reversed(events[:count]))
            return DECIDED_SINCE.format(told)
    return CHANGED


def _told(event: ApprovalEvent) -> str:
    done = event.get_action_display().lower()
    return f"{done} by {event.name}" if event.name else done


def _write(
    found: Reviewed, approval: Approval, judge: Judge, decision: ApprovalDecision, now: datetime
) -> None:
    """Update the approval by the decision, without what follows for the post."""
    approval.by = judge.actor.name or judge.actor.by
    approval.comment = decision.comment
    approval.decided_at, approval.remind_at = now, None
    if decision.action != Action.APPROVED:
        approval.status = S(decision.action)
        # The client alone cannot let through what the customer's own people refuse.
        if judge.stage != CLIENT:
            approval.stage = INTERNAL
    elif approval.stage == INTERNAL and found.post.approval_mode == TO_CLIENT:
        approval.status, approval.stage, approval.decided_at = S.PENDING, CLIENT, None
        record.await_stage(approval, now)
    else:
        approval.status = S.APPROVED


@transaction.atomic
def ask(
    author: Author, post_id: uuid.UUID, reviewers: Sequence[str] = (), message: str = ""
) -> Reviewed:
    """Let the post wait for an approval, and tell webhooks. Raises RequestRefused."""
    found = hold.lock_reviewed(author, post_id)
    now, post = clock.now(), found.post
    if found.approval is None and post.approval_mode == Workspace.ApprovalMode.NONE:
        raise RequestRefused("conflict", UNUSED)
    hold.check_undecided(found)
    approval = found.approval or _new(found, author.by)
    if approval.status == S.APPROVED:
        raise RequestRefused("conflict", APPROVED)
    record.ask(approval, post, Actor.of(author), now, message)
    approval.reviewers = list(reviewers)
    hold.hold(found, Actor.of(author), now)
    approval.expires_at = approval.expires_at or record.expiry(post, now)
    approval.save()
    return Reviewed(post, found.rows, approval, found.version)


def _new(found: Reviewed, by: str) -> Approval:
    """Return a new approval; of a draft without history who asks is the writer."""
    created_by, edited_by = record.author_of(found.post.pk)
    return Approval(
        post=found.post,
        workspace_id=found.post.workspace_id,
        created_by=created_by or by,
        edited_by=edited_by or by,
    )


@transaction.atomic
def comment(
    post_id: uuid.UUID, workspace_id: uuid.UUID, actor: Actor, text: str, visibility: str
) -> ApprovalEvent:
    """Say something about the post, in any state of it. Raises RequestRefused."""
    found = Post.objects.filter(workspace=workspace_id, pk=post_id)
    post = found.select_for_update(no_key=True).first()
    if post is None:
        raise RequestRefused("not_found", "There is no such post.")
    said = ApprovalEvent.objects.filter(post=post, action=Action.COMMENTED)
    if said.count() >= MOST_COMMENTS:
        raise RequestRefused("conflict", FULL.format(MOST_COMMENTS))
    return record.write(
        post, Action.COMMENTED, actor, clock.now(), text=text, visibility=visibility
    )
