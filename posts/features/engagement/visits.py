"""Visits of accounts: when and which are due, what is read of each, and how the answer is recorded.

A visit is one call to the network for some posts, and now and then one for the followers. The
account's row is claimed for it, so that an account's calls keep its budget; a worker that dies in a
visit only lets it be made again. A post's numbers are read often while they grow fast, then seldom,
then no more.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from destinations.accounts import encryption
from destinations.jobs import isolated
from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock
from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Rejected, Unavailable
from platforms.metrics import NAMES, Metrics
from platforms.registry import ADAPTERS
from posts.features.engagement.models import (
    AccountEngagement,
    Engagement,
    EngagementReading,
    EngagementTally,
    FollowersReading,
)

#: Leased for longer than a visit takes, with a refresh of its tokens before.
ROWS = LeasedRows(AccountEngagement, seconds=180)
#: How many accounts are visited at once.
AT_ONCE = 20
#: How often followers are counted.
FOLLOWERS_EVERY = timedelta(hours=20)
#: The pause after a failure that may pass, and after one that a person must mend.
PAUSE, LONG_PAUSE = timedelta(minutes=15), timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Visit:
    """One claimed account, and the posts to read in one call."""

    account_id: int
    row: AccountEngagement
    platform: str
    credentials: Credentials
    token_expires_at: datetime | None
    #: Destination ids by the network's ids.
    posts: Mapping[str, uuid.UUID]
    counts_followers: bool


@dataclass(frozen=True, slots=True)
class VisitResult:
    """A network's answer; `failure` if it said nothing of use."""

    metrics: Mapping[str, Metrics]
    followers: int | None = None
    failure: PlatformError | None = None


@transaction.atomic
def claim() -> list[Visit]:
    """Claim accounts that are due. Those that cannot be read are put off.

    One that makes this fail is logged, and tried again when its lease ends.
    """
    now, visits = clock.now(), list[Visit]()

    def add(row: AccountEngagement) -> None:
        with transaction.atomic():
            if visit := _visit(row, now):
                visits.append(visit)

    rows = ROWS.claim(AT_ONCE, AccountEngagement.objects.select_related("account"))
    isolated.each(add, rows, "visit_accounts")
    return visits


def _visit(row: AccountEngagement, now: datetime) -> Visit | None:
    account, followers_read_at = row.account, row.followers_read_at
    can_be_asked = account.is_active and account.needs_reconnection_since is None
    batch = ADAPTERS[account.platform].metrics_batch
    if not can_be_asked or not batch or account.platform not in settings.ENGAGEMENT_PLATFORMS:
        _put_off(row, now + LONG_PAUSE, "not_asked")
        return None
    try:
        credentials = encryption.credentials(account)
    except encryption.Unreadable:
        _put_off(row, now + LONG_PAUSE, "credentials_unreadable")
        return None
    due = Engagement.objects.filter(account_number=account.pk, due_at__lte=now).order_by("due_at")
    return Visit(
        account.pk,
        row,
        account.platform,
        credentials,
        account.token_expires_at,
        {each.platform_post_id: each.pk for each in due[:batch]},
        counts_followers=followers_read_at is None or followers_read_at <= now - FOLLOWERS_EVERY,
    )


def _put_off(row: AccountEngagement, until: datetime, problem: str) -> None:
    ROWS.write(row, claim=None, due_at=until, not_before=until, problem=problem)


@transaction.atomic
def record(visit: Visit, answer: VisitResult) -> None:
    """Store what a visit found, and when the next one is.

    Nothing is stored for a claim that ended: another process visits the account by now.
    """
    known = ROWS.hold(visit.row)
    if known is None:
        return
    now = clock.now()
    # Do not ask again what the network will never answer.
    if answer.failure is None or isinstance(answer.failure, Rejected):
        _store(visit, answer.metrics, now)
        if answer.followers is not None:
            FollowersReading.objects.create(
                account_id=visit.account_id, at=now, followers=answer.followers
            )
    if visit.counts_followers and answer.failure is None:
        known.followers_read_at = now
    known.claim = None
    known.problem = answer.failure.code if answer.failure else ""
    known.not_before = now + _pause(answer.failure)
    known.due_at = _next(known)
    known.save()


def _pause(failure: PlatformError | None) -> timedelta:
    if failure is None or isinstance(failure, Rejected):
        spread: timedelta = HOUR / settings.ENGAGEMENT_CALLS_PER_HOUR
        return spread
    if isinstance(failure, RateLimited):
        asked = timedelta(seconds=failure.retry_after_seconds or 0)
        return min(max(PAUSE, asked), LONG_PAUSE)
    return PAUSE if isinstance(failure, Unavailable) else LONG_PAUSE


def _next(known: AccountEngagement) -> datetime:
    """Return when the next post is due, or the followers are."""
    waiting = Engagement.objects.filter(account_number=known.pk, due_at__isnull=False)
    first = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    followers = (known.followers_read_at or clock.now()) + FOLLOWERS_EVERY
    moments = (first or followers, followers)
    return max(min(moments), known.not_before) if known.not_before else min(moments)


def _store(visit: Visit, found: Mapping[str, Metrics], now: datetime) -> None:
    """Store the numbers of a visit. A post that the network left out keeps its last numbers."""
    ids = sorted(visit.posts.values())
    rows = list(Engagement.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    read, changes = [], []
    for row in rows:
        row.due_at = next_at(row.published_at, now)
        if metrics := found.get(row.platform_post_id):
            changes.append((row, _take(row, metrics, now)))
            read.append(EngagementReading(destination_id=row.pk, at=now, **row.given()))
    Engagement.objects.bulk_update(rows, ["due_at", "read_at", *NAMES])
    EngagementReading.objects.bulk_create(read)
    _add_up(changes)


def _take(row: Engagement, metrics: Metrics, now: datetime) -> dict[str, int]:
    """Give the row its new numbers; by how much each grew. One that is absent stays as it was."""
    grew = {}
    for name in NAMES:
        number = getattr(metrics, name)
        if number is not None:
            grew[name] = number - (getattr(row, name) or 0)
            setattr(row, name, number)
    row.read_at = now
    return grew


def _add_up(changes: Sequence[tuple[Engagement, Mapping[str, int]]]) -> None:
    sums: dict[tuple[uuid.UUID, datetime, str], dict[str, int]] = {}
    for row, grew in changes:
        hour = row.post_created_at.replace(minute=0, second=0, microsecond=0)
        total = sums.setdefault((row.workspace_id, hour, row.platform), dict.fromkeys(NAMES, 0))
        for name, number in grew.items():
            total[name] += number
    EngagementTally.objects.bulk_create(
        EngagementTally(workspace_id=workspace_id, hour=hour, platform=platform, **total)
        for (workspace_id, hour, platform), total in sums.items()
    )


def steps() -> list[timedelta]:
    """Return the ages at which a post is read, rising."""
    return [timedelta(seconds=seconds) for seconds in settings.ENGAGEMENT_AFTER]


def next_at(published_at: datetime, now: datetime) -> datetime | None:
    """Return the next moment to read a post of this age; None: it is old."""
    moments = (published_at + step for step in steps())
    return next((moment for moment in moments if moment > now), None)


def oldest(now: datetime) -> datetime:
    """Return what was published before this is not read any more."""
    return now - steps()[-1]
