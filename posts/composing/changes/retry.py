"""Retries failed destinations of many posts at once."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from destinations import manual_retry
from destinations.manual_retry import SkippedDestination
from destinations.models import Destination
from posts.composing.destinations import Author
from posts.read_models import queries

#: The most that one call retries, so that its transaction stays short.
MOST = 500
#: How many skipped destinations that may be public are named; the others are only counted.
NAMED = 100


@dataclass(frozen=True, slots=True)
class RetryFilters:
    """Selects failed destinations; filters that are None do not apply.

    They failed at or after `failed_after` and before `failed_before`, with fewer than
    `max_attempts` attempts. `seen_attempts`: the attempt counts that the caller last saw, by
    destination.
    """

    post_ids: Collection[uuid.UUID] | None = None
    account_id: int | None = None
    platform: str | None = None
    failed_after: datetime | None = None
    failed_before: datetime | None = None
    max_attempts: int | None = None
    seen_attempts: Mapping[uuid.UUID, int] | None = None

    @property
    def lookups(self) -> dict[str, object]:
        found = {
            "post__in": self.post_ids,
            "account_number": self.account_id,
            "platform": self.platform,
            "updated_at__gte": self.failed_after,
            "updated_at__lt": self.failed_before,
            "attempts__lt": self.max_attempts,
            "pk__in": self.seen_attempts and list(self.seen_attempts),
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Retried:
    """The destinations that were queued, whether there are more, and those that were skipped."""

    moved: list[Destination]
    has_more: bool
    #: At most NAMED of those that may be public, and all others.
    skipped: list[SkippedDestination]
    #: How many were skipped because no person confirmed that they are not public.
    may_be_public: int
    #: How many were skipped because the confirmation is about an earlier attempt.
    tried_since: int

    @property
    def skipped_count(self) -> int:
        unnamed = self.may_be_public - sum(each.reason == "may_be_live" for each in self.skipped)
        return len(self.skipped) + max(unnamed, 0)


def retry_failed(
    author: Author, filters: RetryFilters, *, confirmed_not_published: bool
) -> Retried:
    """Queue matching failed destinations again, oldest failure first, up to MOST.

    Destinations that may be public are skipped unless the caller confirmed that they are not.
    """
    failed = _failed(author, filters)
    safe, doubtful, doubted = failed, 0, list[Destination]()
    if not confirmed_not_published:
        safe = failed.exclude(error_code=manual_retry.MAY_BE_PUBLIC)
        doubts = failed.filter(error_code=manual_retry.MAY_BE_PUBLIC)
        doubted = list(doubts.order_by("updated_at", "pk")[:NAMED])
        doubtful = doubts.count() if len(doubted) == NAMED else len(doubted)
    found = list(safe.order_by("updated_at", "pk").values_list("pk", flat=True)[: MOST + 1])
    requeued = manual_retry.requeue(
        found[:MOST],
        by=author.by,
        request_id=author.request_id,
        confirmed_not_published=confirmed_not_published,
        seen_attempts=filters.seen_attempts,
    )
    skipped = [*requeued.skipped, *(SkippedDestination(row, "may_be_live") for row in doubted)]
    since = requeued.count("tried_since", "not_named")
    return Retried(requeued.moved, len(found) > MOST, skipped, doubtful, since)


def _failed(author: Author, filters: RetryFilters) -> QuerySet[Destination]:
    rows = Destination.objects.filter(workspace=author.workspace_id, **filters.lookups)
    # Every failure has a code, and only the condition on it lets PostgreSQL use the index.
    rows = rows.filter(status=Destination.Status.FAILED).exclude(error_code="")
    if author.only is None:
        return rows
    return rows.filter(post__in=queries.plain_posts(author.reach).values("pk"))
