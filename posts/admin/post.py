"""Posts: the list, and the page of one, which says what became of it at every network."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from destinations import public_ids
from destinations.admin import rendering
from destinations.admin.actions.retry import Retry
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from destinations.models import Destination
from posts.admin import parts, post_contents
from posts.admin.post_search import PostSearches
from posts.models import Post

#: Of the largest number of an account.
DIGITS = 18


def _with(posts: QuerySet, **fields: Any) -> QuerySet:
    """The posts with such a destination, each once.

    So written, the database looks at each post's own destinations. An EXISTS it may turn into a
    join, which reads all destinations of the network.
    """
    own = Destination.objects.filter(post=OuterRef("pk"), **fields).order_by().values("pk")[:1]
    return posts.filter(IsNull(Subquery(own), False))


class PlatformFilter(filters.PlatformFilter):
    costly = True

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _with(queryset, platform=self.value()) if self.value() else queryset


class ErrorCodeFilter(filters.ErrorCodeFilter):
    costly = True

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _with(queryset, error_code=self.value()) if self.value() else queryset

    def keys(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        found = filters.with_error(str(self.value()), request.GET.get("platform"))
        return found.values_list("post")


class AccountFilter(AutocompleteSelectFilter):
    """Posts to an account, found by the account's own destinations."""

    costly = True

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        # Not by the relation: for it the planner may read all of the account's for each post.
        return _with(queryset, account_number=self._account()) if self.value() else queryset

    def keys(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return Destination.objects.filter(account=self._account()).values_list("post")

    def _account(self) -> int:
        given = str(self.value())
        if not given.isdecimal() or len(given) > DIGITS:
            raise IncorrectLookupParameters(given)
        return int(given)


#: How much of a text names it in the breadcrumbs.
CRUMB_CHARS = 60


def _status(post: Post) -> SafeString | str:
    label = rendering.label(post.get_status_display(), post_contents.COLOURS)
    if stands := getattr(post, "under_status", ""):
        return format_html('{}<span class="dovecote-under">{}</span>', label, stands)
    return label


class RetryOfPosts(Retry):
    def select(self, chosen: QuerySet) -> QuerySet[Destination]:
        failed = Destination.objects.filter(post__in=chosen, status=Destination.Status.FAILED)
        return super().select(failed)


@admin.register(Post)
class PostAdmin(PostSearches, BoundedAdmin):
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
        filters.choice("status"),
        *(each for part in parts.every() for each in part.filters),
        ErrorCodeFilter,
        PlatformFilter,
        ("destinations__account", AccountFilter),
        filters.related("campaign"),
        filters.related("workspace"),
        filters.related("posting_queue"),
    )
    list_select_related = ("workspace",)
    key = Key("created_at", has_own_index=True)
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
    # The page is a template of its own.
    fields = ("status",)
    change_form_template = "posts/admin/post/page.html"
    retry = RetryOfPosts("Retry their failed destinations")
    actions = ("retry", *(action for part in parts.every() for action in part.actions))

    text = Column("Post", lambda post: rendering.text(post.content, post.public_id))
    accounts = Column("Accounts", post_contents.accounts)
    shown_status = Column("Status", _status)
    shown_error = Column("Error", post_contents.error)

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
        post_contents.add_destinations(found.result_list)
        for part in parts.every():
            part.add_to_list(found.result_list)
        return found

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        pk = public_ids.decode(public_ids.POST, key)
        post = self.get_queryset(request).filter(pk=pk).first() if pk else None
        shown: dict[str, Any] = {
            "may_change_posts": parts.may_change(request),
            "may_approve_posts": parts.may_approve(request),
        }
        if post is not None and self.has_view_permission(request, post):
            shown |= post_contents.read(request, post)
            shown["status_label"] = _status(post)
            shown["crumb"] = Truncator(post.content.strip()).chars(CRUMB_CHARS) or "(no text)"
        return shown
