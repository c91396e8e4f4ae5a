"""Approve posts, ask for changes or reject them, in an operator's name."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from unfold.widgets import UnfoldAdminTextareaWidget

from destinations.admin import confirmation
from destinations.admin.base import author
from posts.composing.changes.lock import CHANGED
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import decisions, summary
from posts.features.approval.decisions import ApprovalDecision, Judge
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.state.record import Action, Actor
from posts.features.operations.admin import selection
from posts.models import Post

S = Approval.Status
COMMENT_CHARS = 2000


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """A decision. `of`: the approvals that it can be made about."""

    action: Action
    title: str
    warning: str
    button: str
    done: str
    nothing: str
    of: tuple[str, ...]


APPROVE = DecisionKind(
    Action.APPROVED,
    "Approve {}?",
    "They are published at their times, and those without a time at once. Where the client "
    "approves too, this is one of the two approvals.",
    "Approve {}",
    "approved",
    "None of these posts waits for an approval.",
    UNAPPROVED,
)
REQUEST_CHANGES = DecisionKind(
    Action.CHANGES_REQUESTED,
    "Ask for changes of {}?",
    "They are not published. Once a post is edited, it waits for approval again.",
    "Ask for changes",
    "sent back",
    "Changes cannot be asked for: no person was asked to approve them, or it was done already.",
    (S.PENDING, S.APPROVED, S.REJECTED),
)
REJECT = DecisionKind(
    Action.REJECTED,
    "Reject {}?",
    "They are not published, unless a person asks for their approval again.",
    "Reject {}",
    "rejected",
    "None can be rejected: no person was asked to approve them, or they are rejected already.",
    (S.PENDING, S.APPROVED, S.CHANGES_REQUESTED),
)


class CommentForm(forms.Form):
    """Why; needed for anything but an approval."""

    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=COMMENT_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="For who wrote the post; the client does not see it.",
    )

    def __init__(self, kind: DecisionKind, request: HttpRequest) -> None:
        super().__init__(request.POST if confirmation.is_confirmed(request) else None)
        self.fields["comment"].required = kind is not APPROVE


def act(
    admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post], kind: DecisionKind
) -> HttpResponse | None:
    form = CommentForm(kind, request)
    if form.is_valid():
        _decide(admin, request, kind, form.cleaned_data["comment"])
        return confirmation.back(admin, request)
    found = selection.read(admin, request, posts.filter(approval__status__in=kind.of))
    if not found:
        admin.message_user(request, kind.nothing, messages.WARNING)
        return confirmation.back(admin, request)
    count = f"{len(found)} post{pluralize(len(found))}"
    return confirmation.ask(
        admin,
        request,
        title=kind.title.format(count),
        warning=kind.warning,
        button=kind.button.format(count),
        rows=[each.row() for each in found],
        left=[],
        form=form,
    )


def _decide(admin: ModelAdmin, request: HttpRequest, kind: DecisionKind, comment: str) -> None:
    """Each as it was when the operator looked."""
    seen = selection.seen(request)
    actor, done = Actor(**author(request)), 0
    for post in selection.posts(seen):
        try:
            if post.updated_at != seen[post.pk]:
                raise RequestRefused("conflict", CHANGED)
            with transaction.atomic():
                _write(post, actor, kind, comment)
                admin.log_change(request, post, f"{kind.done.capitalize()} by {actor.by}")
            done += 1
        except RequestRefused as refused:
            told = f"{post.public_id} was not {kind.done}: {refused.message}"
            admin.message_user(request, told, messages.WARNING)
    if done:
        told = f"{done} post{pluralize(done)} {kind.done}."
        admin.message_user(request, told, messages.SUCCESS)


def _write(post: Post, actor: Actor, kind: DecisionKind, comment: str) -> None:
    """Raises RequestRefused, also for a post that is edited in this moment."""
    revision = summary.revision(post, summary.version(post))
    whose = Author(post.workspace_id, actor.by, actor.request_id)
    decisions.decide(whose, post.pk, Judge(actor), ApprovalDecision(kind.action, comment, revision))
