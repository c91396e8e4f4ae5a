"""Add approval to pages of posts: its panel and filter, and making and revoking share links."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from destinations import public_ids
from destinations.admin.base import author, page
from destinations.models import Destination
from posts.admin.parts import PostPart, Section, may_approve, may_change
from posts.errors import RequestRefused
from posts.features.approval import presentation
from posts.features.approval.models import Approval, ShareLink
from posts.features.approval.presentation import WORDS
from posts.features.approval.record import Actor
from posts.features.approval.share import links
from posts.features.approval.share.links import NewShareLink
from posts.models import Post

#: How long it opens the post, in hours.
SPANS = {"1": "One hour", "24": "One day", "72": "Three days", "168": "Seven days"}
OWN = "You wrote this post or changed it last, so a link of yours cannot decide about it."


class ApprovalFilter(DropdownFilter):
    """Only what waits for a decision has an index; the others apply to the next posts of the list.

    So their words say that they are about the next ones.
    """

    title = "approval"
    parameter_name = "approval"
    costly = True

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        status = Approval.Status
        others = (status.CHANGES_REQUESTED, status.REJECTED, status.APPROVED)
        return [
            (status.PENDING, WORDS[status.PENDING]),
            *((each, f"{WORDS[each]}, of the next posts") for each in others),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        own = Approval.objects.filter(post=OuterRef("pk"), status=self.value()).values("pk")[:1]
        return queryset.filter(IsNull(Subquery(own), False))

    def keys(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        waiting = Approval.objects.filter(requested_at__isnull=False, decided_at__isnull=True)
        return waiting.filter(status=self.value()).values_list("post")


class ApprovalPart(PostPart):
    sections = (Section(-1, "posts/admin/approval/panel.html"),)
    filters = (ApprovalFilter,)
    narrow_filters = {"approval": ("pending",)}

    def urls(self, admin: ModelAdmin) -> list[URLPattern]:
        def show(request: HttpRequest, object_id: str) -> HttpResponse:
            if not (admin.has_view_permission(request) and may_change(request)):
                raise PermissionDenied
            post = _post(admin, request, object_id)
            revoked = request.POST.get("revoke") or request.GET.get("revoke")
            return (
                _revoke(admin, request, post, revoked) if revoked else _make(admin, request, post)
            )

        view = admin.admin_site.admin_view(show)
        return [path("<path:object_id>/share-link/", view, name="posts_share_link")]

    def context(
        self, request: HttpRequest, post: Post, shown: Sequence[Destination]
    ) -> dict[str, Any]:
        return {"review": presentation.read(post)}

    def add_to_list(self, posts: Iterable[Post]) -> None:
        presentation.add_to_list(posts)


class NewLinkForm(forms.Form):
    reviewer = forms.CharField(
        label="For whom it is",
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="For you to tell links apart; it also fills in the name on the page.",
    )
    hours = forms.ChoiceField(
        label="How long it works",
        choices=list(SPANS.items()),
        initial="168",
        widget=UnfoldAdminSelectWidget,
    )
    can_decide = forms.BooleanField(
        label="They may decide",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Approve, ask for changes and reject; otherwise they may look and comment.",
    )

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        if not may_approve(request):
            del self.fields["can_decide"]

    @property
    def wanted(self) -> NewShareLink:
        given = self.cleaned_data
        lasts = timedelta(hours=int(given["hours"]))
        return NewShareLink(given.get("can_decide", False), given["reviewer"], lasts)


def _post(admin: ModelAdmin, request: HttpRequest, object_id: str) -> Post:
    key = public_ids.decode(public_ids.POST, object_id)
    post: Post | None = admin.get_queryset(request).filter(pk=key).first() if key else None
    if post is None:
        raise Http404
    return post


def _make(admin: ModelAdmin, request: HttpRequest, post: Post) -> HttpResponse:
    form = NewLinkForm(request)
    if form.is_valid():
        actor = Actor(**author(request))
        try:
            link, secret = links.create(post, actor, form.wanted, {actor.by})
        except RequestRefused as refused:
            form.add_error(None, OWN if refused.code == "own_post" else refused.message)
        else:
            admin.log_change(request, post, f"Share link made by {actor.by}")
            # Rendered here, because a redirect would have to carry it.
            template, address = "posts/admin/approval/new_link.html", links.url(secret)
            title = "The new share link"
            return page(admin, request, template, title, post=post, link=link, address=address)
    return page(
        admin,
        request,
        "posts/admin/approval/share_link.html",
        "Make a share link",
        post=post,
        form=form,
        warning="It shows the post, what its networks will show of it and what was said to the "
        "client, to all who have the address. They need no login.",
        button="Make the link",
    )


def _revoke(admin: ModelAdmin, request: HttpRequest, post: Post, given: str) -> HttpResponse:
    link = _link(post, given)
    if request.method != "POST":
        return page(
            admin,
            request,
            "posts/admin/approval/share_link.html",
            "Revoke this share link?",
            post=post,
            link=link,
            warning="Its address shows nothing any more. This cannot be undone.",
            button="Revoke",
        )
    actor = Actor(**author(request))
    links.revoke(post, link.pk, actor)
    admin.log_change(request, post, f"Share link {link.pk} revoked by {actor.by}")
    admin.message_user(request, "The share link was revoked.", messages.SUCCESS)
    return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))


def _link(post: Post, given: str) -> ShareLink:
    try:
        key = uuid.UUID(given)
    except ValueError:
        raise Http404 from None
    link = ShareLink.objects.filter(post=post, pk=key).first()
    if link is None:
        raise Http404
    return link


HOOKS = (ApprovalPart(),)
