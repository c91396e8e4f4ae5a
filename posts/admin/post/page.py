from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from destinations import public_ids
from destinations.admin import confirmation, rendering
from destinations.admin import retry as admin_retry
from destinations.admin.base import ReadOnlyAdmin, SearchByNames
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from destinations.models import Destination
from posts.admin.post import contents, parts
from posts.admin.post.filters import (
    AccountFilter,
    ErrorCodeFilter,
    PlatformFilter,
)
from posts.models import Post

#: The colours of Post.Status.
COLOURS = {
    "Draft": "",
    "Scheduled": "info",
    "Publishing": "primary",
    "Published": "success",
    "Partial": "warning",
    "Failed": "danger",
}


@admin.register(Post)
class PostAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    list_display = (
        "text",
        "accounts",
        "workspace",
        "shown_status",
        "shown_error",
        "scheduled_for",
        "created_at",
    )
    list_filter = (
        dates.by("created_at"),
        ("status", ChoicesDropdownFilter),
        *(each for part in parts.every() for each in part.filters),
        ErrorCodeFilter,
        PlatformFilter,
        ("destinations__account", AccountFilter),
        ("campaign", AutocompleteSelectFilter),
        ("workspace", AutocompleteSelectFilter),
        ("posting_queue", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace",)
    key = Key("created_at")
    listed_by = "created_at"
    walked_filters = (
        frozenset({"workspace__id__exact", "status__exact"}),
        frozenset({"workspace__id__exact"}),
    )
    narrow_filters = {
        "posting_queue__id__exact": None,
        "error_code": None,
        "destinations__account__id__exact": None,
        "campaign__id__exact": None,
        **{key: value for part in parts.every() for key, value in part.narrow_filters.items()},
    }
    search_help_text = "Id, or words of the text"
    ordering = key.order
    # The page is a template of its own.
    fields = ("status",)
    change_form_template = "posts/admin/post/page.html"
    actions = ("retry", *(action for part in parts.every() for action in part.actions))

    def get_urls(self) -> list[URLPattern]:
        own = [url for part in parts.every() for url in part.urls(self)]
        return [*own, *super().get_urls()]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """The action changes destinations."""
        return request.user.has_perm("destinations.change_destination")

    def has_change_posts_permission(self, request: HttpRequest) -> bool:
        return parts.may_change(request)

    def has_approve_posts_permission(self, request: HttpRequest) -> bool:
        return parts.may_approve(request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        contents.add_destinations(found.result_list)
        for part in parts.every():
            part.add_to_list(found.result_list)
        return found

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        key = public_ids.decode(public_ids.POST, object_id or "")
        post = self.get_queryset(request).filter(pk=key).first() if key else None
        shown = {
            "may_change_posts": parts.may_change(request),
            "may_approve_posts": parts.may_approve(request),
        }
        if post is not None and self.has_view_permission(request, post):
            shown |= contents.read(request, post)
            shown["status_label"] = self.shown_status(post)
        context = {**shown, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    @admin.action(description="Retry their failed destinations", permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Post]) -> HttpResponse | None:
        failed = Destination.objects.filter(post__in=chosen, status=Destination.Status.FAILED)
        asked = admin_retry.confirmed_or_asked(self, request, failed)
        return asked or confirmation.back(self, request)

    @display(description="Status")
    def shown_status(self, post: Post) -> SafeString | str:
        label = rendering.label(post.get_status_display(), COLOURS)
        stands = getattr(post, "under_status", "")
        if not stands:
            return label
        return format_html('{}<span class="dovecote-under">{}</span>', label, stands)

    @display(description="Post")
    def text(self, post: Post) -> SafeString:
        return rendering.text(post.content, post.public_id)

    @display(description="Accounts")
    def accounts(self, post: Post) -> SafeString | str:
        return contents.accounts(post)

    @display(description="Error")
    def shown_error(self, post: Post) -> SafeString | str:
        return contents.error(post)
