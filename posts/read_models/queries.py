"""The only way to load the posts and files of a workspace. What the API shows of posts: `rows`.

Every query takes the caller's reach, so that none returns rows of another workspace or of accounts
that the key may not use.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from destinations import access
from destinations.access import Reach
from destinations.models import Destination
from posts.errors import RequestRefused
from posts.models import Campaign, Media, Post

#: A restricted key with at most this many posts finds them by their ids.
FEW = 2_000
SHARED = (
    "This key is restricted to some accounts, and posts of others use this; use a key without a "
    "restriction."
)


@dataclass(frozen=True, slots=True)
class WorkspaceUsage:
    accounts: int
    storage_bytes: int


class PostCounter(ABC):
    """Knows how many posts there are without counting them."""

    @abstractmethod
    def counts(self, reach: Reach, since: datetime) -> tuple[int, int] | None:
        """Return how many posts are within reach, and how many were created since; None: unknown.

        Both are exact.
        """


def post(reach: Reach, post_id: uuid.UUID | None) -> Post | None:
    """Return one post; None if there is no such post within reach."""
    return plain_posts(reach).filter(pk=post_id).first() if post_id else None


def plain_posts(reach: Reach) -> QuerySet[Post]:
    """Return the posts within reach: those that go to accounts within reach and to no others.

    The SQL form of `Reach.covers`.
    """
    found = Post.objects.filter(workspace=reach.workspace_id)
    if reach.only is None:
        return found
    rows = Destination.objects.filter(post=OuterRef("pk"), account__in=reach.only).order_by()
    return found.filter(Exists(rows)).exclude(access.goes_elsewhere(reach, "pk"))


def check_uses(reach: Reach, posts: QuerySet[Post], rules: Iterable[QuerySet[Any] | None]) -> None:
    """Raise RequestRefused if posts or rules out of reach use what this key wants to change."""
    if reach.only is None:
        return
    others_rules = any(
        not reach.covers(ids)
        for rows in rules
        if rows is not None
        for ids in rows.filter(workspace=reach.workspace_id).values_list("account_ids", flat=True)
    )
    if others_rules or posts.exclude(pk__in=plain_posts(reach).values("pk")).exists():
        raise RequestRefused("insufficient_scope", SHARED)


def listed_posts(reach: Reach) -> QuerySet[Post]:
    """Return the posts within reach, for a list or a count: looked up by id if there are few.

    Otherwise PostgreSQL walks the workspace's newest posts until a page is full, which reads all
    of them for an account that has none.
    """
    few = None if reach.only is None else access.few_posts(reach, FEW)
    return plain_posts(reach) if few is None else Post.objects.filter(pk__in=few)


def few_counts(reach: Reach, since: datetime) -> tuple[int, int] | None:
    """Return what `PostCounter.counts` does; None if a restricted reach has more than few posts."""
    few = None if reach.only is None else access.few_posts(reach, FEW)
    if few is None:
        return None
    is_recent = Q(created_at__gte=since)
    found = Post.objects.filter(pk__in=few).aggregate(
        total=Count("pk"), recent=Count("pk", filter=is_recent)
    )
    return found["total"], found["recent"]


def media(workspace_id: uuid.UUID) -> QuerySet[Media]:
    """Return a workspace's files, newest first."""
    rows = Media.objects.filter(workspace=workspace_id).select_related("workspace")
    return rows.order_by("-created_at", "id")


def campaigns(workspace_id: uuid.UUID) -> QuerySet[Campaign]:
    """Return a workspace's campaigns, without deleted ones."""
    return Campaign.objects.filter(workspace=workspace_id, deleted_at__isnull=True)


def usage(reach: Reach) -> WorkspaceUsage:
    """Return the accounts within reach, and the total size of the workspace's ready files."""
    files = media(reach.workspace_id).filter(status=Media.Status.READY).order_by()
    return WorkspaceUsage(
        accounts=access.accounts(reach).count(),
        storage_bytes=files.aggregate(total=Sum("size_bytes", default=0))["total"],
    )
