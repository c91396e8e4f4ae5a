"""How much is there: what a key sees of its workspace, counted."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum

from destinations import access as account_reading
from destinations.reach import Reach
from destinations.runtime import clock
from posts import reading

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Usage:
    accounts: int
    storage_bytes: int
    posts: int
    recent_posts: int


def of(reach: Reach) -> Usage:
    """Accounts and posts within reach; bytes of all the workspace's files that are ready."""
    is_recent = Q(created_at__gte=clock.now() - RECENT)
    posts = reading.counted_posts(reach).aggregate(
        all=Count("pk"), recent=Count("pk", filter=is_recent)
    )
    files = reading.media(reach.workspace_id).filter(status="ready").order_by()
    return Usage(
        accounts=account_reading.accounts(reach).count(),
        storage_bytes=files.aggregate(total=Sum("size_bytes", default=0))["total"],
        posts=posts["all"],
        recent_posts=posts["recent"],
    )
