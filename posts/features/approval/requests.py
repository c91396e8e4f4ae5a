"""Asks people to approve a post, and takes down what they say about it."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from destinations.runtime import clock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import hold
from posts.features.approval.hold import Reviewed
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.approval.state import record
from posts.features.approval.state.record import Action, Actor
from posts.models import Post, Workspace

S = Approval.Status
#: The most that is kept of what people say about one post.
MOST_COMMENTS = 500
UNUSED = "This workspace uses no approval; its operator can switch it on."
APPROVED = "This version of the post is approved already."
FULL = "The post has {} comments, which is the most."


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
