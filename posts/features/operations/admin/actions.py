"""The actions of the posts' list and of a post's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from destinations.admin.base import ReadOnlyAdmin
from posts.features.operations.admin import cancel, decide, edit_text, move, publish_now
from posts.models import Post

#: In the order of their buttons.
ACTIONS = ("publish_now", "move", "edit_text", "cancel")
DECISIONS = ("approve", "request_changes", "reject")


def may_change(request: HttpRequest) -> bool:
    """Whether this operator may change posts in the customers' place."""
    return request.user.has_perm("posts.change_post")


def may_approve(request: HttpRequest) -> bool:
    """Whether this operator may decide about posts that need approval."""
    return request.user.has_perm("posts.approve_post")


class OperationActions(ReadOnlyAdmin):
    """Cancel, move, publish now, edit the text: for operators who may change posts."""

    def has_change_posts_permission(self, request: HttpRequest) -> bool:
        return may_change(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            "may_change_posts": may_change(request),
            "may_approve_posts": may_approve(request),
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    @admin.action(description="Publish now…", permissions=["change_posts"])
    def publish_now(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return publish_now.act(self, request, posts)

    def has_approve_posts_permission(self, request: HttpRequest) -> bool:
        return may_approve(request)

    @admin.action(description="Approve…", permissions=["approve_posts"])
    def approve(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return decide.act(self, request, posts, decide.APPROVE)

    @admin.action(description="Ask for changes…", permissions=["approve_posts"])
    def request_changes(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return decide.act(self, request, posts, decide.REQUEST_CHANGES)

    @admin.action(description="Reject…", permissions=["approve_posts"])
    def reject(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return decide.act(self, request, posts, decide.REJECT)

    @admin.action(description="Move in time…", permissions=["change_posts"])
    def move(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return move.act(self, request, posts)

    @admin.action(description="Edit the text…", permissions=["change_posts"])
    def edit_text(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return edit_text.act(self, request, posts)

    @admin.action(description="Cancel…", permissions=["change_posts"])
    def cancel(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse | None:
        return cancel.act(self, request, posts)
