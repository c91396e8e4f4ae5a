"""Parts of the list of posts and of the page of one, which features add in their `pages`."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.admin import ListFilter, ModelAdmin
from django.http import HttpRequest
from django.urls import URLPattern

from destinations.models import Destination
from posts import registry
from posts.models import Post


def may_change(request: HttpRequest) -> bool:
    """Return whether this operator may change posts in the customers' place."""
    return request.user.has_perm("posts.change_post")


def may_approve(request: HttpRequest) -> bool:
    """Return whether this operator may decide about posts that need approval."""
    return request.user.has_perm("posts.approve_post")


class Section(NamedTuple):
    """A template of the page, in the order of `place`; below 0: above the destinations."""

    place: int
    template: str


class PostPart:
    """Each feature overrides what it needs."""

    sections: Sequence[Section] = ()
    #: Templates with buttons.
    buttons: Sequence[str] = ()
    #: Actions of the list, as functions; `permissions` are `change_posts` and `approve_posts`.
    actions: Sequence[Callable[..., Any]] = ()
    filters: Sequence[type[ListFilter]] = ()
    #: As in BoundedList.
    narrow_filters: Mapping[str, Collection[str] | None] = {}

    def urls(self, admin: ModelAdmin) -> list[URLPattern]:
        """Return those of pages of its own, below the list's."""
        return []

    def context(
        self, request: HttpRequest, post: Post, shown: Sequence[Destination]
    ) -> dict[str, Any]:
        """Return what its templates need. `shown`: the destinations on this page."""
        return {}

    def add_to_list(self, posts: Iterable[Post]) -> None:
        """Set `under_status` of posts in the list, by one query for all of them."""


def every() -> tuple[PostPart, ...]:
    return registry.hooks(PostPart, "pages")


def sections() -> dict[str, Any]:
    """Return what the page's template needs of all parts."""
    found = sorted(section for part in every() for section in part.sections)
    return {
        "above": [each.template for each in found if each.place < 0],
        "below": [each.template for each in found if each.place >= 0],
        "buttons": [template for part in every() for template in part.buttons],
    }
