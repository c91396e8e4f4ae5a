"""Filters of posts by what became of their destinations."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from destinations.admin.lists import filters
from destinations.models import Destination

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
        return filters.with_error(str(self.value()), request.GET.get("platform")).values("post")


class AccountFilter(AutocompleteSelectFilter):
    """Posts to an account, found by the account's own destinations."""

    costly = True

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _with(queryset, account=self._account()) if self.value() else queryset

    def keys(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return Destination.objects.filter(account=self._account()).values("post")

    def _account(self) -> int:
        given = str(self.value())
        if not given.isdecimal() or len(given) > DIGITS:
            raise IncorrectLookupParameters(given)
        return int(given)
