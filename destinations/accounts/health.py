"""An account's health: whether it can be posted to, why not, and its recent activity."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from django.db.models import Count, Max, Q, QuerySet

from destinations import pauses
from destinations.accounts import oauth_apps
from destinations.models import Account, Attempt, Destination, Pause
from destinations.runtime import clock
from destinations.state import attempts, waiting
from platforms.errors import CODES, Code

Status = Literal["healthy", "warning", "broken"]
Reason = Literal[
    "account_inactive",
    "needs_reconnection",
    "token_expired",
    "publishing_paused",
    "rate_limited",
    "token_expiring_soon",
    "recent_permanent_failures",
]
S = Destination.Status

#: Who can end it, and how. The first three keep posts from being published.
REASONS: dict[Reason, Code] = {
    "account_inactive": CODES["account_inactive"],
    "needs_reconnection": CODES["account_needs_reconnection"],
    "token_expired": CODES["account_needs_reconnection"],
    "publishing_paused": Code("operator", "Resume publishing; what is due then goes out."),
    "rate_limited": Code("nobody", "Posts go out from `rate_limited_until` on."),
    "token_expiring_soon": Code("account owner", "Reconnect the account before its token expires."),
    "recent_permanent_failures": Code(
        "customer", "Read the results of the posts that failed; each says what to do."
    ),
}

WEEK = timedelta(days=7)
#: A refresh that has been due for so long is late.
LATE = timedelta(hours=1)
#: So many final failures within a week are a warning.
RECENT_FAILURES = 3


class Postable(Protocol):
    """An account, or what composing a post knows of one."""

    @property
    def is_active(self) -> bool: ...
    @property
    def needs_reconnection_since(self) -> datetime | None: ...
    @property
    def token_expires_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """An account's health now. `expired` and `expiring_soon` concern what its owner must renew."""

    status: Status
    reasons: list[Reason]
    rate_limited_until: datetime | None
    #: The pause that its posts wait for.
    pause: Pause | None
    can_post: bool
    expired: bool
    expiring_soon: bool
    last_published_at: datetime | None
    failures_last_7d: int
    permanent_failures_last_7d: int
    queued_count: int


def check(account: Account) -> Health:
    now = clock.now()
    found = _activity(account, now)
    expired, soon = _token(account, now)
    why_not = blockers(account)
    limited_until = waiting.limited_until(account, now)
    pause = pauses.covering(pauses.active(), account.platform, account.workspace_id, account.pk)
    warnings = _that_apply(
        ("publishing_paused", pause is not None),
        ("rate_limited", limited_until is not None),
        ("token_expiring_soon", soon),
        ("recent_permanent_failures", found["final"] >= RECENT_FAILURES),
    )
    status: Status = "warning" if warnings else "healthy"
    return Health(
        status="broken" if why_not else status,
        reasons=why_not + warnings,
        rate_limited_until=limited_until,
        pause=pause,
        can_post=not why_not,
        expired=expired,
        expiring_soon=soon,
        last_published_at=found["published_at"],
        failures_last_7d=found["failed"],
        permanent_failures_last_7d=found["final"],
        queued_count=found["queued"],
    )


def blockers(account: Postable) -> list[Reason]:
    """Return the reasons why nothing can be posted to an account; empty if it can."""
    return _that_apply(
        ("account_inactive", not account.is_active),
        ("needs_reconnection", account.needs_reconnection_since is not None),
        ("token_expired", _is_expired(account, clock.now())),
    )


def failure_code(account: Postable) -> str:
    """Return the error code with which posts to it now end; blank if it can be posted to."""
    why_not = blockers(account)
    if not why_not:
        return ""
    return "account_inactive" if "account_inactive" in why_not else "account_needs_reconnection"


def _is_expired(account: Postable, now: datetime) -> bool:
    return account.token_expires_at is not None and account.token_expires_at <= now


def _that_apply(*reasons: tuple[Reason, bool]) -> list[Reason]:
    return [reason for reason, applies in reasons if applies]


def _token(account: Account, now: datetime) -> tuple[bool, bool]:
    """(expired, expiring soon), of what the account's owner must renew.

    Tokens that are refreshed automatically do not expire for the owner; the right to refresh them
    does. A token whose refresh is late also counts as expiring.
    """
    if _is_expired(account, now):
        return True, False
    ends_at = account.token_expires_at
    if account.is_refreshable:
        if ends_at and ends_at - _margin(account) + LATE <= now:
            return False, True
        ends_at = account.refresh_expires_at
    return False, ends_at is not None and ends_at <= now + WEEK


def _margin(account: Account) -> timedelta:
    login = oauth_apps.find(account.platform, account.login)
    return login.method.refresh_margin if login else timedelta()


def _activity(account: Account, now: datetime) -> dict[str, Any]:
    """Recent failures, the last publication and the queue: one query per index."""
    rows = Destination.objects.filter(account=account).order_by()
    failed = rows.exclude(error_code="").filter(status=S.FAILED, updated_at__gte=now - WEEK)
    counts = failed.aggregate(final=Count("pk", filter=Q(next_retry_at=None)))
    last = rows.filter(published_at__isnull=False).aggregate(published_at=Max("published_at"))
    # Destinations of drafts are never due.
    waiting = rows.filter(status=S.QUEUED, due_at__isnull=False).count()
    return {**counts, **last, "queued": waiting, "failed": _failed_attempts(rows, now - WEEK)}


def _failed_attempts(rows: QuerySet[Destination], since: datetime) -> int:
    """Return how many attempts failed since then, including those of posts published later."""
    # Each uses an index of its own: what failed, what is public, what is still queued.
    touched = (
        Q(updated_at__gte=since) & ~Q(error_code="")
        | Q(published_at__gte=since)
        | Q(due_at__isnull=False)
    )
    ended = Attempt.objects.filter(destination__in=rows.filter(touched), finished_at__gte=since)
    return ended.exclude(outcome__in=attempts.NO_FAILURES).count()
