"""How an account is: whether it can be posted to, why not, and what it has been doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Count, Max, Q
from django.utils import timezone

from destinations.models import Account, Destination

Status = Literal["healthy", "warning", "broken"]
S = Destination.Status

WEEK = timedelta(days=7)
#: So many posts failed for good within a week are worth a look.
RECENT_FAILURES = 3
#: With one of these nothing can be posted; with any other it can.
BROKEN = ("account_inactive", "needs_reconnection", "token_expired")


@dataclass(frozen=True, slots=True)
class Health:
    """As of now. `expired` and `expiring_soon` are about what its owner must renew."""

    status: Status
    reasons: list[str]
    can_post: bool
    expired: bool
    expiring_soon: bool
    last_published_at: datetime | None
    failures_last_7d: int
    permanent_failures_last_7d: int
    queued_count: int


def of(account: Account) -> Health:
    now = timezone.now()
    found = _activity(account, now)
    expired, soon = _token(account, now)
    reasons = [
        reason
        for reason, applies in (
            ("account_inactive", not account.is_active),
            ("needs_reconnection", account.needs_reconnection_since is not None),
            ("token_expired", expired),
            ("token_expiring_soon", soon),
            ("recent_permanent_failures", found["final"] >= RECENT_FAILURES),
        )
        if applies
    ]
    can_post = not set(reasons) & set(BROKEN)
    status: Status = "warning" if reasons else "healthy"
    return Health(
        status=status if can_post else "broken",
        reasons=reasons,
        can_post=can_post,
        expired=expired,
        expiring_soon=soon,
        last_published_at=found["published_at"],
        failures_last_7d=found["failed"],
        permanent_failures_last_7d=found["final"],
        queued_count=found["queued"],
    )


def _token(account: Account, now: datetime) -> tuple[bool, bool]:
    """(expired, expires within a week) by itself: tokens that are refreshed do neither.

    A refreshed token that has ended all the same was not refreshed in time, and the account cannot
    post until it is; what its owner has to renew in time is the right to refresh.
    """
    expired = account.token_expires_at is not None and account.token_expires_at <= now
    ends_at = account.refresh_expires_at if account.is_refreshable else account.token_expires_at
    return expired, not expired and ends_at is not None and ends_at <= now + WEEK


def _activity(account: Account, now: datetime) -> dict[str, Any]:
    """One question per index: what failed lately, what was published last, what waits."""
    rows = Destination.objects.filter(account=account).order_by()
    failed = rows.exclude(error_code="").filter(status=S.FAILED, updated_at__gte=now - WEEK)
    counts = failed.aggregate(failed=Count("pk"), final=Count("pk", filter=Q(next_retry_at=None)))
    last = rows.filter(published_at__isnull=False).aggregate(published_at=Max("published_at"))
    waiting = rows.filter(status=S.QUEUED).count()
    return {**counts, **last, "queued": waiting}
