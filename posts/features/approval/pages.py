"""Add approval to pages of posts."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.urls import URLPattern
from unfold.contrib.filters.admin import DropdownFilter

from destinations.models import Destination
from posts.admin.post.parts import PostPart, Section
from posts.features.approval.admin import presentation, share_link
from posts.features.approval.admin.presentation import WORDS
from posts.features.approval.models import Approval
from posts.models import Post


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
        return waiting.filter(status=self.value()).values("post")


class ApprovalPart(PostPart):
    sections = (Section(-1, "posts/admin/approval/panel.html"),)
    filters = (ApprovalFilter,)
    narrow_filters = {"approval": ("pending",)}

    def urls(self, admin: ModelAdmin) -> list[URLPattern]:
        return share_link.urls(admin)

    def context(
        self, request: HttpRequest, post: Post, shown: Sequence[Destination]
    ) -> dict[str, Any]:
        return {"review": presentation.read(post)}

    def add_to_list(self, posts: Iterable[Post]) -> None:
        presentation.add_to_list(posts)


HOOKS = (ApprovalPart(),)
