"""Which posts a caller asks for, and in which order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db.models import Exists, F, OuterRef, QuerySet

from destinations.models import Destination
from destinations.reach import Reach
from posts import reading
from posts.models import Post, PostText

Sort = Literal["created_at", "scheduled_for", "published_at", "updated_at"]
#: Posts need not have these.
SOMETIMES = ("scheduled_for", "published_at")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every post found must match; nothing set: all of them, newest first.

    `platforms`: one of them at least, as for `account_id`. `since` and `before` are by column;
    what happened at `since` is found, what happened at `before` is not.
    """

    statuses: Collection[str] = ()
    platforms: Collection[str] = ()
    account_id: int | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)
    before: Mapping[str, datetime] = field(default_factory=dict)
    search: str = ""
    sort: Sort = "created_at"
    order: Literal["asc", "desc"] = "desc"


def find(reach: Reach, wanted: Wanted) -> QuerySet[Post]:
    """The posts within reach that are wanted, with what a page shows."""
    found = reading.listed_posts(reach)
    if wanted.statuses:
        found = found.filter(status__in=wanted.statuses)
    if wanted.platforms:
        found = _going_to(found, platform__in=wanted.platforms)
    if wanted.account_id is not None:
        found = _going_to(found, account_number=wanted.account_id)
    found = found.filter(**{f"{column}__gte": at for column, at in wanted.since.items()})
    found = found.filter(**{f"{column}__lt": at for column, at in wanted.before.items()})
    if wanted.search:
        texts = PostText.objects.filter(text__icontains=wanted.search)
        found = found.filter(pk__in=texts.values("post"))
    return _sorted(found, wanted)


def page(found: QuerySet[Post], limit: int, offset: int) -> tuple[list[Post], int]:
    """A page of these posts, and how many there are in all."""
    rows = list(found[offset : offset + limit])
    is_last = len(rows) < limit and (rows or not offset)
    return rows, offset + len(rows) if is_last else found.order_by().count()


def _going_to(found: QuerySet[Post], **lookups: object) -> QuerySet[Post]:
    there = Destination.objects.filter(post=OuterRef("pk"), **lookups).order_by()
    return found.filter(Exists(there))


def _sorted(found: QuerySet[Post], wanted: Wanted) -> QuerySet[Post]:
    """Each order is exactly the other one backwards, so that one index serves both.

    Posts without such a time are last in the descending one.
    """
    column, is_sparse = F(wanted.sort), wanted.sort in SOMETIMES
    if wanted.order == "desc":
        return found.order_by(column.desc(nulls_last=True if is_sparse else None), "id")
    return found.order_by(column.asc(nulls_first=True if is_sparse else None), "-id")
