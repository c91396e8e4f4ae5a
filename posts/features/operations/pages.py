"""Add actions to pages of posts, for operators who may change posts."""

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from posts.admin.post.parts import PostPart
from posts.features.operations.admin import cancel as cancelling
from posts.features.operations.admin import decide
from posts.features.operations.admin import edit_text as editing
from posts.features.operations.admin import move as moving
from posts.features.operations.admin import publish_now as publishing
from posts.models import Post

Shown = HttpResponse | None


@admin.action(description="Approve…", permissions=["approve_posts"])
def approve(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return decide.act(admin, request, posts, decide.APPROVE)


@admin.action(description="Ask for changes…", permissions=["approve_posts"])
def request_changes(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return decide.act(admin, request, posts, decide.REQUEST_CHANGES)


@admin.action(description="Reject…", permissions=["approve_posts"])
def reject(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return decide.act(admin, request, posts, decide.REJECT)


@admin.action(description="Publish now…", permissions=["change_posts"])
def publish_now(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return publishing.act(admin, request, posts)


@admin.action(description="Move in time…", permissions=["change_posts"])
def move(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return moving.act(admin, request, posts)


@admin.action(description="Edit the text…", permissions=["change_posts"])
def edit_text(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return editing.act(admin, request, posts)


@admin.action(description="Cancel…", permissions=["change_posts"])
def cancel(admin: ModelAdmin, request: HttpRequest, posts: QuerySet[Post]) -> Shown:
    return cancelling.act(admin, request, posts)


class OperationsPart(PostPart):
    buttons = ("posts/admin/operation_buttons.html",)
    #: In the order of their buttons.
    actions = (approve, request_changes, reject, publish_now, move, edit_text, cancel)


HOOKS = (OperationsPart(),)
