"""Reads one page of a list at a bounded cost, however large the table is.

A filter without an index would read a whole table for its last match. So filters apply to the next
`DEPTH` rows in the list's order, and the page says how far it looked. What has an index of its own
is looked up by that first, and shown completely unless it is more than that.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Min, Model, QuerySet, Value
from django.db.models.functions import Coalesce

from destinations.admin.lists.ordering import Key
from destinations.runtime import database

#: Rows that a page looks at and counts; beyond that a count reads `10,000+`.
DEPTH = 10_000
#: Pages walk an index in its order, or look up keys one by one. Without statistics the planner
#: would rather read the whole table, and sort or join it.
OTHER_PLANS = ("bitmapscan", "seqscan", "sort", "mergejoin", "hashjoin")
BY_INDEXES = {"jit": "off", **{f"enable_{plan}": "off" for plan in OTHER_PLANS}}


class _Among(Func):
    """A primary key among many, which one parameter holds. Django's own lookup makes one of each,
    and thousands take longer to write down than to look up.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class ListPage:
    rows: list[Model]
    #: The matching rows from here on, of those looked at.
    count: int
    #: How far it looked, if not to the end of the list: a value of the key's column.
    reached: Any = None
    #: The place after which the next page begins; "" at the end.
    next: str = ""

    @property
    def is_more(self) -> bool:
        """Return whether there may be more than `count`."""
        return self.reached is not None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`matching`: the rows that match all filters. `walked`: those that match the filters that the
    index of the order serves. `narrow`: the primary keys of what each filter with an index of its
    own selects.
    """

    matching: QuerySet
    walked: QuerySet
    narrow: list[QuerySet]
    key: Key
    size: int
    #: Rows to look at.
    depth: int

    def page(self, place: str = "") -> ListPage:
        """The page after a place. Raises ValueError for what is no place."""
        with database.planning(**BY_INDEXES):
            for narrow in self.narrow:
                keys = [key for (key,) in narrow.order_by()[: DEPTH + 1]]
                if len(keys) <= DEPTH:
                    return self._chosen(keys, place)
            return self._walked(place)

    def _chosen(self, keys: list[Any], place: str) -> ListPage:
        rows = self.matching.filter(_Among(F("pk"), Value(keys)))
        rows = self.key.after(rows, place) if place else rows
        # Not the column itself: to use its index the planner would walk the whole table for them.
        newest = Coalesce(F(self.key.column), F(self.key.column)).desc()
        # First their keys: what the page shows beside is looked up for its rows alone.
        first = rows.order_by(newest, "pk").values_list("pk", flat=True)[: self.size + 1]
        shown = list(self.matching.filter(pk__in=list(first)).order_by(newest, "pk"))
        count = rows.order_by().count() if len(shown) > self.size else len(shown)
        return self._made(shown, count)

    def _walked(self, place: str) -> ListPage:
        key = self.key
        matching, walked = key.walked(self.matching), key.walked(self.walked)
        if place:
            matching, walked = key.after(matching, place), key.after(walked, place)
        looked_at = walked.order_by(*key.order).values(key.column)[: self.depth]
        found = looked_at.aggregate(last=Min(key.column), rows=Count("*"))
        last = found["last"] if found["rows"] == self.depth else None
        if last is not None:
            matching = matching.filter(**{f"{key.column}__gte": last})
        shown = list(matching.order_by(*key.order)[: self.size + 1])
        count = len(shown)
        if count > self.size:
            count = matching.order_by()[: self.depth].count()
        return self._made(shown, count, last)

    def _made(self, shown: list[Model], count: int, last: Any = None) -> ListPage:
        rows = shown[: self.size]
        following = self.key.end(last) if last is not None else ""
        if len(shown) > self.size:
            following = self.key.place(rows[-1])
        return ListPage(rows, count, last, following)
