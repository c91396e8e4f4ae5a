"""Approve posts in an operator's name."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from destinations.admin import confirmation
from destinations.admin.base import author
from posts.admin.operations import chosen
from posts.approval import deciding
from posts.approval.deciding import Decision, Judge
from posts.composing.destinations import Author
from posts.composing.lock import CHANGED
from posts.errors import RequestRefused
from posts.models import UNAPPROVED, Post
from posts.review.record import Action, Actor


def act(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
    if confirmation.is_confirmed(request):
        _approve(admin, request)
        return confirmation.back(admin, request)
    found = chosen.read(admin, request, posts.filter(approval__status__in=UNAPPROVED))
    if not found:
        wrong = "None of these posts waits for an approval."
        admin.message_user(request, wrong, messages.WARNING)
        return confirmation.back(admin, request)
    count = len(found)
    return confirmation.ask(
        admin,
        request,
        title=f"Approve {count} post{pluralize(count)}?",
        warning="They are published at their times, and those without a time at once. Where the "
        "client approves too, this is one of the two approvals.",
        button=f"Approve {count} post{pluralize(count)}",
        rows=[each.row() for each in found],
        left=[],
    )


def _approve(admin: ModelAdmin, request: HttpRequest) -> None:
    """Each as it was when the operator looked."""
    seen = chosen.seen(request)
    who, done = author(request), 0
    for post in chosen.posts(seen):
        try:
            if post.updated_at != seen[post.pk]:
                raise RequestRefused("conflict", CHANGED)
            _decide(post, Actor(**who))
            done += 1
        except RequestRefused as refused:
            told = f"{post.public_id} was not approved: {refused.message}"
            admin.message_user(request, told, messages.WARNING)
    if done:
        told = f"{done} post{pluralize(done)} approved."
        admin.message_user(request, told, messages.SUCCESS)


def _decide(post: Post, actor: Actor) -> None:
    whose = Author(post.workspace_id, actor.by, actor.request_id)
    deciding.decide(whose, post.pk, Judge(actor), Decision(Action.APPROVED))
