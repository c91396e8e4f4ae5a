"""Add actions to pages of posts, for operators who may change posts, or decide about them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from unfold.widgets import UnfoldAdminTextareaWidget

from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.admin.base import author
from posts.admin.parts import PostPart
from posts.composing.changes.lock import CHANGED
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import decisions, summary
from posts.features.approval.decisions import ApprovalDecision, Judge
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.record import Action, Actor
from posts.features.operations import post_actions, selection
from posts.features.operations.post_actions import PostAction
from posts.models import Post

S = Approval.Status
COMMENT_CHARS = 2000


def _comment(*, is_needed: bool) -> forms.CharField:
    return forms.CharField(
        label="Comment",
        required=is_needed,
        max_length=COMMENT_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="For who wrote the post; the client does not see it.",
    )


class CommentForm(forms.Form):
    comment = _comment(is_needed=False)


class ReasonForm(forms.Form):
    comment = _comment(is_needed=True)


class Decision(PostAction):
    """Decides about each post as it was when the operator looked."""

    form: type[forms.Form] = ReasonForm
    action: Action
    #: The approvals that it can be made about.
    of: tuple[str, ...] = ()

    def select(self, chosen: QuerySet[Post]) -> QuerySet[Post]:
        return super().select(chosen.filter(approval__status__in=self.of))

    def rows(self, admin: ModelAdmin, found: list[Post]) -> list[ConfirmationRow]:
        return [each.row() for each in selection.read(found)]

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        seen = selection.seen(request)
        actor, done = Actor(**author(request)), 0
        for post in Post.objects.filter(pk__in=list(seen)):
            try:
                if post.updated_at != seen[post.pk]:
                    raise RequestRefused("conflict", CHANGED)
                with transaction.atomic():
                    self._write(post, actor, given["comment"])
                    admin.log_change(request, post, f"{self.done.capitalize()} by {actor.by}")
                done += 1
            except RequestRefused as refused:
                told = f"{post.public_id} was not {self.done}: {refused.message}"
                admin.message_user(request, told, messages.WARNING)
        if done:
            told = f"{done} post{pluralize(done)} {self.done}."
            admin.message_user(request, told, messages.SUCCESS)

    def _write(self, post: Post, actor: Actor, comment: str) -> None:
        """Raises RequestRefused, also for a post that is edited in this moment."""
        revision = summary.revision(post, summary.version(post))
        whose = Author(post.workspace_id, actor.by, actor.request_id)
        decision = ApprovalDecision(self.action, comment, revision)
        decisions.decide(whose, post.pk, Judge(actor), decision)


class Approve(Decision):
    title = "Approve {}?"
    warning = (
        "They are published at their times, and those without a time at once. Where the client "
        "approves too, this is one of the two approvals."
    )
    button = "Approve {}"
    form = CommentForm
    action, of, done = Action.APPROVED, UNAPPROVED, "approved"
    none = "None of these posts waits for an approval."


class RequestChanges(Decision):
    title = "Ask for changes of {}?"
    warning = "They are not published. Once a post is edited, it waits for approval again."
    button = "Ask for changes"
    action, done = Action.CHANGES_REQUESTED, "sent back"
    of = (S.PENDING, S.APPROVED, S.REJECTED)
    none = (
        "Changes cannot be asked for: no person was asked to approve them, or it was done already."
    )


class Reject(Decision):
    title = "Reject {}?"
    warning = "They are not published, unless a person asks for their approval again."
    button = "Reject {}"
    action, done = Action.REJECTED, "rejected"
    of = (S.PENDING, S.APPROVED, S.CHANGES_REQUESTED)
    none = (
        "None can be rejected: no person was asked to approve them, or they are rejected already."
    )


class OperationsPart(PostPart):
    buttons = ("posts/admin/operation_buttons.html",)
    approve = Approve("Approve…", "approve_posts")
    request_changes = RequestChanges("Ask for changes…", "approve_posts")
    reject = Reject("Reject…", "approve_posts")
    publish_now = post_actions.PublishNow("Publish now…")
    move = post_actions.Move("Move in time…")
    edit_text = post_actions.EditText("Edit the text…")
    cancel = post_actions.Cancel("Cancel…")
    #: In the order of their buttons.
    actions = (approve, request_changes, reject, publish_now, move, edit_text, cancel)


HOOKS = (OperationsPart(),)
