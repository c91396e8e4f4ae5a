"""The only way to load the posts and files of a workspace, with all that a page shows, without N+1.

Every query takes the caller's reach, so that none returns rows of another workspace or of accounts
that the key may not use.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from destinations import access
from destinations.access import Reach
from destinations.models import Destination
from destinations.runtime import clock
from posts.models import Media, Post, PostMedia, PostText

Sort = Literal["created_at", "scheduled_for", "published_at", "updated_at"]
#: Sort columns that are null for some posts.
NULLABLE = ("scheduled_for", "published_at")
#: A restricted key with at most this many posts finds them by their ids.
FEW = 2_000
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PostFilters:
    """What every post found must match. Without any filter: all posts, newest first.

    `platforms` and `account_id` match posts with at least one such destination. `since` and
    `before` hold times by column; `since` is inclusive, `before` is not.
    """

    statuses: Collection[str] = ()
    platforms: Collection[str] = ()
    account_id: int | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)
    before: Mapping[str, datetime] = field(default_factory=dict)
    search: str = ""
    sort: Sort = "created_at"
    order: Literal["asc", "desc"] = "desc"


@dataclass(frozen=True, slots=True)
class Usage:
    accounts: int
    storage_bytes: int
    posts: int
    recent_posts: int


def find(reach: Reach, wanted: PostFilters) -> QuerySet[Post]:
    """The matching posts within reach, with what a page shows."""
    found = _with_rows(listed_posts(reach))
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


def post(reach: Reach, post_id: uuid.UUID | None) -> Post | None:
    """One post with its destinations and files; None if there is no such post within reach."""
    return _with_rows(plain_posts(reach)).filter(pk=post_id).first() if post_id else None


def plain_posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach: those that go to accounts within reach and to no others.

    The SQL form of `Reach.covers`.
    """
    found = Post.objects.filter(workspace=reach.workspace_id)
    if reach.only is None:
        return found
    rows = Destination.objects.filter(post=OuterRef("pk"), account__in=reach.only).order_by()
    return found.filter(Exists(rows)).exclude(access.goes_elsewhere(reach, "pk"))


def listed_posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach, for a list or a count: looked up by id if there are few.

    Otherwise PostgreSQL walks the workspace's newest posts until a page is full, which reads all
    of them for an account that has none.
    """
    few = None if reach.only is None else access.few_posts(reach, FEW)
    return plain_posts(reach) if few is None else Post.objects.filter(pk__in=few)


def media(workspace_id: uuid.UUID) -> QuerySet[Media]:
    """A workspace's files, newest first."""
    rows = Media.objects.filter(workspace=workspace_id).select_related("workspace")
    return rows.order_by("-created_at", "id")


def usage(reach: Reach) -> Usage:
    """Accounts and posts within reach, and the total size of the workspace's ready files."""
    is_recent = Q(created_at__gte=clock.now() - RECENT)
    posts = listed_posts(reach).aggregate(all=Count("pk"), recent=Count("pk", filter=is_recent))
    files = media(reach.workspace_id).filter(status=Media.Status.READY).order_by()
    return Usage(
        accounts=access.accounts(reach).count(),
        storage_bytes=files.aggregate(total=Sum("size_bytes", default=0))["total"],
        posts=posts["all"],
        recent_posts=posts["recent"],
    )


def _with_rows(found: QuerySet[Post]) -> QuerySet[Post]:
    return found.order_by("-created_at", "id").prefetch_related(
        Prefetch("destinations", Destination.objects.order_by("position", "id")),
        Prefetch("attachments", PostMedia.objects.select_related("media")),
    )


def _going_to(found: QuerySet[Post], **lookups: object) -> QuerySet[Post]:
    there = Destination.objects.filter(post=OuterRef("pk"), **lookups).order_by()
    return found.filter(Exists(there))


def _sorted(found: QuerySet[Post], wanted: PostFilters) -> QuerySet[Post]:
    """Each order is the exact reverse of the other, so that one index serves both.

    Posts without the time they are sorted by come last in descending order.
    """
    column, is_sparse = F(wanted.sort), wanted.sort in NULLABLE
    if wanted.order == "desc":
        return found.order_by(column.desc(nulls_last=True if is_sparse else None), "id")
    return found.order_by(column.asc(nulls_first=True if is_sparse else None), "-id")
